import { setTimeout as sleep } from 'node:timers/promises'
import { contain, contained, ignorable } from '@p2p-secure-chat/core/contain'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { type OwnHint, ownHint } from '@p2p-secure-chat/core/error-event'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { retryWhileFull, type PauseRange, type Pauses, pauses } from '@p2p-secure-chat/core/net/retry'
import { connectDirectory, type DirectoryClient, type DirectoryClientOptions } from './directory-client.ts'

/** A server that just restarted is back after the shortest pause; the longest is how late a person may notice that. */
export const DIRECTORY_PAUSES: PauseRange = { shortest: 500, longest: 15_000 }

/** How long a registration must have lasted, in milliseconds, before its loss is worth a quick attempt. */
const STABLE = 60_000

/** Codes of a directory that is still away: a person need not see them again and again. */
const STILL_GONE: ReadonlySet<ErrorCode> = new Set(['no-directory', 'timeout', 'cut', 'closed', 'bad-address'])

/** The state of our registration. */
export interface DirectoryChange extends OwnHint {
  /**
   * `gone`: the connection is lost; we reconnect. `refused`: a directory answers again but refuses to register us; we
   * retry. `back`: we are registered. `replaced`: our own key registered the name from elsewhere, and we give it up.
   */
  readonly state: 'gone' | 'refused' | 'back' | 'replaced'
  /** Null on `back`. */
  readonly code: ErrorCode | null
  /** What happened, for people; null when there is nothing to say. */
  readonly message: string | null
}

export interface ReconnectingDirectoryOptions extends Omit<DirectoryClientOptions, 'onEnd' | 'signal'> {
  /** Called with every change after the first registration, and with each kind of refusal once until we are back. */
  readonly onChange: (change: DirectoryChange) => void
  /** Called once if the directory has no place for the first connection; we retry. */
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
 * Connects to a directory as connectDirectory() does, and once registered stays so: when the connection ends, it
 * reconnects with the same name, port and watched names, until leave(). Meanwhile requests fail at once with
 * `no-directory`, and watch() only notes the names.
 *
 * @throws {ChatError} as connectDirectory(), for the first connection; `too-many` only after some tries
 */
export async function reconnectingDirectory(options: ReconnectingDirectoryOptions): Promise<DirectoryClient> {
  const { onChange, wait = waitFor, now = () => performance.now() } = options
  const pause = options.pauses ?? pauses(DIRECTORY_PAUSES)
  const left = new AbortController()
  let current = await retryWhileFull(open, { onFull: options.onFull })
  let watched: readonly string[] = []
  let registeredAt = 0
  /** Why there is no connection, as requests are answered. */
  let away: ChatError | null = null

  async function open(): Promise<Connection> {
    const { promise: ended, resolve: onEnd } = deferred<ChatError>()
    return { client: await connectDirectory({ ...options, onEnd, signal: left.signal }), ended }
  }

  async function follow(name: string, port: number | null): Promise<void> {
    while (!left.signal.aborted) {
      const error = await current.ended
      const { code, message, cause } = error
      if (cause instanceof ChatError && cause.code === 'name-taken') {
        away = replaced(cause)
        return onChange({ state: 'replaced', code: cause.code, message: cause.message })
      }
      away = gone(error)
      onChange({ state: 'gone', code, message })
      // A directory that keeps accepting us and throwing us out must not make us reconnect, and report it, all the time.
      if (now() - registeredAt >= STABLE) pause.reset()
      await reconnect(name, port)
    }
  }

  async function reconnect(name: string, port: number | null): Promise<void> {
    const reported = new Set<ErrorCode>()
    for (;;) {
      await wait(pause.next(), left.signal)
      if (left.signal.aborted) return
      try {
        const next = await open()
        if (!left.signal.aborted) await next.client.register(name, port)
        if (left.signal.aborted) return await next.client.leave()
        return continueWith(next)
      } catch (thrown) {
        const error = contain(thrown)
        const { code, message } = error
        if (STILL_GONE.has(code) || reported.has(code) || left.signal.aborted) continue
        reported.add(code)
        onChange({ state: 'refused', code, message, ...ownHint(error) })
      }
    }
  }

  function continueWith(next: Connection): void {
    const { open } = next.client
    const message = open === current.client.open ? null : opened(open)
    current = next
    registeredAt = now()
    away = null
    // If this connection ends as well, follow() notices.
    if (watched.length > 0) void ignorable(next.client.watch(watched))
    onChange({ state: 'back', code: null, message })
  }

  function reachable(): DirectoryClient {
    if (away !== null) throw away
    return current.client
  }

  return {
    get open() {
      return current.client.open
    },
    get host() {
      return current.client.host
    },
    async register(name, port) {
      await retryWhileFull(
        async again => {
          // Somebody else may have got the place of that connection meanwhile.
          if (again) current = await open()
          await current.client.register(name, port)
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
      if (away === null) await current.client.watch(names)
    },
    async leave() {
      left.abort(new ChatError('closed', 'this side has left'))
      await current.client.leave()
    },
  }
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}

function gone(cause: ChatError): ChatError {
  const hint = 'wait until it is back, or start it; open conversations go on'
  return new ChatError('no-directory', 'the directory is gone; reconnecting', { cause, hint })
}

function replaced(cause: ChatError): ChatError {
  const why = 'another chat with the same key has taken this name'
  return new ChatError('no-directory', why, { cause, hint: 'leave and start again to take the name back' })
}

function opened(open: boolean): string {
  const now = open ? 'is now open to other machines' : 'is now for this machine only'
  return `it ${now}; you still take calls where you did: restart to change that`
}
