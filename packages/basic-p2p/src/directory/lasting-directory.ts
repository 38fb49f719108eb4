import { setTimeout as sleep } from 'node:timers/promises'
import { contain, contained, ignorable } from '@p2p-secure-chat/core/contain'
import { type OwnHint, ownHint } from '@p2p-secure-chat/core/error-event'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { whileFull, type PauseRange, type Pauses, pauses } from '@p2p-secure-chat/core/net/retry'
import { connectDirectory, type DirectoryClient, type DirectoryClientOptions } from './directory-client.ts'

/** A server that was only restarted is back after the shortest; so late a person may notice that it is, after the longest. */
export const DIRECTORY_PAUSES: PauseRange = { shortest: 500, longest: 15_000 }

/** How long a registration must have stood, in milliseconds, before the next loss of it is worth a quick attempt. */
const STABLE = 60_000

/** A directory that is not there, or not yet: nothing that a person must be told again and again. */
const STILL_GONE: ReadonlySet<ErrorCode> = new Set(['no-directory', 'timeout', 'cut', 'closed', 'bad-address'])

/** What became of our registration. */
export interface DirectoryChange extends OwnHint {
  /**
   * `gone`: the connection is lost and tried again. `refused`: somebody answers there again and does not take us, which
   * is tried again too. `back`: we are registered. `replaced`: our own key took the name from elsewhere, and we leave it.
   */
  readonly state: 'gone' | 'refused' | 'back' | 'replaced'
  /** Null on `back`. */
  readonly code: ErrorCode | null
  /** What happened, for people; null when there is nothing to say. */
  readonly message: string | null
}

export interface LastingDirectoryOptions extends Omit<DirectoryClientOptions, 'onEnd' | 'signal'> {
  /** Told of what happens after the first registration, and of each refusal once until we are back. */
  readonly onChange: (change: DirectoryChange) => void
  /** Told once that the directory has no place for the first connection, which is tried again. */
  readonly onFull: (error: ChatError) => void
  /** How long to wait before each attempt. */
  readonly pauses?: Pauses
  /** Waits for milliseconds, or until the signal comes; never rejects. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** The time in milliseconds, of any clock that only goes forward. */
  readonly now?: () => number
}

/** One connection, and the promise of its end. */
interface Connection {
  readonly client: DirectoryClient
  readonly ended: Promise<ChatError>
}

/**
 * Connects to a directory as connectDirectory() does, and once registered stays it: when the connection ends, another
 * one is made, with the same name, port and watched names, until leave(). Meanwhile requests fail with `no-directory`
 * at once, and watch() only notes whom to watch.
 *
 * @throws {ChatError} as connectDirectory(), for the first connection; `too-many` only after some tries
 */
export async function lastingDirectory(options: LastingDirectoryOptions): Promise<DirectoryClient> {
  const { onChange, wait = waitFor, now = () => performance.now() } = options
  const pause = options.pauses ?? pauses(DIRECTORY_PAUSES)
  const left = new AbortController()
  let present = await whileFull(open, { onFull: options.onFull })
  let watched: readonly string[] = []
  let registeredAt = 0
  /** Why there is no connection, as requests are answered. */
  let away: ChatError | null = null

  async function open(): Promise<Connection> {
    let onEnd: (error: ChatError) => void = () => undefined
    const ended = new Promise<ChatError>(resolve => {
      onEnd = resolve
    })
    return { client: await connectDirectory({ ...options, onEnd, signal: left.signal }), ended }
  }

  async function follow(name: string, port: number | null): Promise<void> {
    while (!left.signal.aborted) {
      const error = await present.ended
      const { code, message, cause } = error
      if (cause instanceof ChatError && cause.code === 'name-taken') {
        away = replaced(cause)
        return onChange({ state: 'replaced', code: cause.code, message: cause.message })
      }
      away = gone(error)
      onChange({ state: 'gone', code, message })
      // A directory that takes us and throws us out must not have us run in and out, and tell of it, all the time.
      if (now() - registeredAt >= STABLE) pause.reset()
      await comeBack(name, port)
    }
  }

  async function comeBack(name: string, port: number | null): Promise<void> {
    const told = new Set<ErrorCode>()
    for (;;) {
      await wait(pause.next(), left.signal)
      if (left.signal.aborted) return
      try {
        const next = await open()
        if (!left.signal.aborted) await next.client.register(name, port)
        if (left.signal.aborted) return await next.client.leave()
        return goOnWith(next)
      } catch (thrown) {
        const error = contain(thrown)
        const { code, message } = error
        if (STILL_GONE.has(code) || told.has(code) || left.signal.aborted) continue
        told.add(code)
        onChange({ state: 'refused', code, message, ...ownHint(error) })
      }
    }
  }

  function goOnWith(next: Connection): void {
    const { open } = next.client
    const message = open === present.client.open ? null : opened(open)
    present = next
    registeredAt = now()
    away = null
    // If this connection ends as well, follow() hears of it.
    if (watched.length > 0) void ignorable(next.client.watch(watched))
    onChange({ state: 'back', code: null, message })
  }

  function reachable(): DirectoryClient {
    if (away !== null) throw away
    return present.client
  }

  return {
    get open() {
      return present.client.open
    },
    get host() {
      return present.client.host
    },
    async register(name, port) {
      await whileFull(
        async again => {
          // Its place may have gone to somebody else meanwhile.
          if (again) present = await open()
          await present.client.register(name, port)
        },
        { onFull: options.onFull },
      )
      registeredAt = now()
      contained(follow(name, port))
    },
    who: async (prefix, after) => reachable().who(prefix, after),
    lookup: async name => reachable().lookup(name),
    async watch(names) {
      watched = names
      if (away === null) await present.client.watch(names)
    },
    async leave() {
      left.abort(new ChatError('closed', 'this side has left'))
      await present.client.leave()
    },
  }
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}

function gone(cause: ChatError): ChatError {
  const hint = 'wait until it is there again, or start it; open conversations go on'
  return new ChatError('no-directory', 'the directory is gone, and is tried again by itself', { cause, hint })
}

function replaced(cause: ChatError): ChatError {
  const why = 'this chat has lost its name to another one with the same key'
  return new ChatError('no-directory', why, { cause, hint: 'leave and start again to take the name back' })
}

function opened(open: boolean): string {
  const now = open ? 'is open to other machines now' : 'is for this machine alone now'
  return `it ${now}; where you take calls stays as it was: start again to change that`
}
