import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLog } from '@p2p-secure-chat/basic-p2p/client/profile'
import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { type FileLock, lockFile } from '@p2p-secure-chat/core/files/file-lock'
import { entriesOfEvents } from './log-entry.ts'
import { type LogWriter, openLogWriter } from './log-writer.ts'
import type { KeySource } from './read-log.ts'

/** The log of one user. Once turned on, it stays on in later runs too. */
export interface ChatLog extends EventLog {
  readonly path: string
  readonly on: boolean
  /** Bytes on disk; null when there is no log. */
  size(): Promise<number | null>
  /**
   * Keeps conversations from now on; does nothing when the log is already on.
   *
   * @throws {ChatError} `bad-passphrase` when the identity has no passphrase; `unwritable`, `disk-full`, `unreadable`,
   * `bad-log`
   */
  turnOn(): Promise<void>
  /** Keeps nothing from now on; earlier entries stay. @throws {ChatError} `unwritable` */
  turnOff(): Promise<void>
  /** Turns it off and removes all entries. @throws {ChatError} `unwritable`, `unreadable` */
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
  /** This file exists while the user wants a log. */
  const wish = join(folder, 'log.on')
  const entryOf = entriesOfEvents()
  let kept: { readonly writer: LogWriter; readonly lock: FileLock } | null = null
  let report: (error: ChatError) => void = () => undefined
  let note: (text: string) => void = () => undefined

  let turn: Promise<void> = Promise.resolve()

  /** Runs one action at a time, however fast commands come: each leaves the log on or off. */
  function inTurn(act: () => Promise<void>): Promise<void> {
    turn = turn.then(act, act)
    return turn
  }

  async function begin(): Promise<void> {
    if (kept !== null) return
    if (!encrypted) {
      throw new ChatError('bad-passphrase', 'the log is protected by the passphrase of your identity, which has none', {
        hint: `leave, set one with ${passphraseCommand}, then start again`,
      })
    }
    const lock = await lockFile(path, giveUp)
    try {
      const writer = await openLogWriter({ path, keys, onFailure: giveUp })
      kept = { writer, lock }
      if (writer.cutOff > 0) {
        note(`the log ended in the middle of an entry, as after a crash: its last ${writer.cutOff} bytes were removed`)
      }
    } catch (error) {
      await lock.release()
      throw error
    }
  }

  function giveUp(error: ChatError): void {
    report(
      new ChatError(error.code, `the log keeps nothing more: ${error.message}`, {
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

  async function rememberWish(): Promise<void> {
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
        const entry = entryOf(event, kept !== null)
        if (entry !== null) kept?.writer.append(entry)
      } catch (thrown) {
        contain(thrown)
      }
    },
    stop: () => inTurn(end),

    turnOn: () =>
      inTurn(async () => {
        await begin()
        await rememberWish()
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

/** @returns null on a full disk: then no lock exists, and nobody can create one */
async function lockIfRoom(path: string): Promise<FileLock | null> {
  try {
    return await lockFile(path)
  } catch (error) {
    rethrowUnless(error, 'disk-full')
    return null
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
