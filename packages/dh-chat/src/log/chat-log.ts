import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLog } from '@p2p-secure-chat/basic-p2p/client/persona'
import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { type FileLock, lockFile } from '@p2p-secure-chat/core/files/file-lock'
import { entriesOfEvents } from './log-entry.ts'
import { type LogWriter, openLogWriter } from './log-writer.ts'
import type { KeySource } from './read-log.ts'

/** The log of one user, which is kept while it is on, in this run and the next ones. */
export interface ChatLog extends EventLog {
  readonly path: string
  readonly on: boolean
  /** Bytes on disk; null where there is no log. */
  size(): Promise<number | null>
  /**
   * Keeps what happens from now on; nothing changes where it does so already.
   *
   * @throws {ChatError} `bad-passphrase` when the identity has no passphrase; `unwritable`, `disk-full`, `unreadable`,
   * `bad-log`
   */
  turnOn(): Promise<void>
  /** Keeps nothing from now on. What was kept stays. @throws {ChatError} `unwritable` */
  turnOff(): Promise<void>
  /** Turns it off, and removes what was kept. @throws {ChatError} `unwritable`, `unreadable` */
  erase(): Promise<void>
}

export interface ChatLogOptions {
  /** The folder of the user's name. */
  readonly folder: string
  readonly keys: KeySource
  /** Whether a passphrase protects the keys. */
  readonly encrypted: boolean
  /** The command that sets one. */
  readonly passphraseCommand: string
}

export function chatLog({ folder, keys, encrypted, passphraseCommand }: ChatLogOptions): ChatLog {
  const path = join(folder, 'log')
  /** It is there while the user wants a log. */
  const wish = join(folder, 'log.on')
  const entryOf = entriesOfEvents()
  let kept: { readonly writer: LogWriter; readonly lock: FileLock } | null = null
  let report: (error: ChatError) => void = () => undefined
  let note: (text: string) => void = () => undefined

  let turn: Promise<void> = Promise.resolve()

  /** One at a time, whatever is typed meanwhile: each leaves the log on or off. */
  function inTurn(act: () => Promise<void>): Promise<void> {
    turn = turn.then(act, act)
    return turn
  }

  async function begin(): Promise<void> {
    if (kept !== null) return
    if (!encrypted) {
      throw new ChatError('bad-passphrase', 'the log is kept under the passphrase of your identity, which has none', {
        hint: `leave, set one with ${passphraseCommand}, and start again`,
      })
    }
    const lock = await lockFile(path, giveUp)
    try {
      const writer = await openLogWriter({ path, keys, onFailure: giveUp })
      kept = { writer, lock }
      if (writer.cutOff > 0) {
        note(`the log ended in the middle of an entry, as after a crash: its last ${writer.cutOff} bytes are gone`)
      }
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  function giveUp(error: ChatError): void {
    report(
      new ChatError(error.code, `nothing more is kept in the log: ${error.message}`, {
        cause: error,
        hint: error.hint,
      }),
    )
    void inTurn(end)
  }

  async function end(): Promise<void> {
    const ending = kept
    kept = null
    if (ending === null) return
    const { writer, lock } = ending
    await ((await lock.isHeld()) ? writer.close() : writer.abandon())
    await lock.release()
  }

  async function makeWish(): Promise<void> {
    try {
      await writeFile(wish, '', { mode: 0o600, flag: 'wx' })
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw fileError('unwritable', wish, cause)
    }
  }

  return {
    path,
    get on() {
      return kept !== null
    },
    async size() {
      try {
        return (await stat(path)).size
      } catch (cause) {
        if (systemCode(cause) === 'ENOENT') return null
        throw fileError('unreadable', path, cause)
      }
    },

    start(onTrouble, onNote) {
      report = onTrouble
      note = onNote
      return inTurn(async () => {
        if (!(await exists(wish))) return
        try {
          await begin()
          note(`the log is on: ${path}`)
        } catch (error) {
          rethrowUnless(error)
          report(new ChatError(error.code, `no log is kept: ${error.message}`, { cause: error, hint: error.hint }))
        }
      })
    },
    follow(event) {
      try {
        const entry = entryOf(event)
        if (entry !== null) kept?.writer.append(entry)
      } catch (thrown) {
        contain(thrown)
      }
    },
    stop: () => inTurn(end),

    turnOn: () =>
      inTurn(async () => {
        await begin()
        await makeWish()
      }),
    turnOff: () =>
      inTurn(async () => {
        await remove(wish)
        await end()
      }),
    erase: () =>
      inTurn(async () => {
        await remove(wish)
        await end()
        const lock = await lockIfRoom(path)
        try {
          await remove(path)
        } finally {
          await lock?.release()
        }
      }),
  }
}

/** @returns null on a full disk: nobody has the lock then, or it would have been found, and nobody can get it */
async function lockIfRoom(path: string): Promise<FileLock | null> {
  try {
    return await lockFile(path)
  } catch (error) {
    if (error instanceof ChatError && error.code === 'disk-full') return null
    throw error
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true })
  } catch (cause) {
    throw fileError('unwritable', path, cause)
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}
