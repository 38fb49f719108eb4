import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { ChatCommand } from '../commands/chat-command.ts'
import { parseLine } from '../commands/parse-line.ts'
import type { PersonalFiles } from '../commands/preferences.ts'

/** How many lines outlast the program. */
export const MAX_KEPT_LINES = 500

/** A longer line was hardly typed by hand. In UTF-16 code units. */
export const MAX_KEPT_LENGTH = 512

/** The file in the person's folder. */
const FILE = 'history'

/** Lines that the up key brings back after a restart. */
export interface KeptHistory {
  /** The latest first. */
  readonly lines: readonly string[]
  /** Keeps an entered line, if it may be readable on a disk. */
  add(line: string, commands: readonly ChatCommand[]): void
  /** Waits until everything is written. */
  settled(): Promise<void>
}

/**
 * Whether an entered line may be readable on a disk: only a command that exists and carries no text. A mistyped command
 * may have a text in it.
 */
export function mayBeKept(line: string, commands: readonly ChatCommand[]): boolean {
  if (!isLine(line)) return false
  const parsed = parseLine(line, 'terminal')
  const command = commands.find(({ name }) => 'command' in parsed && name === parsed.command)
  return command !== undefined && command.argument !== 'message'
}

/**
 * Reads the lines that were kept.
 *
 * @param files null where nothing is saved
 * @param warn called once if lines cannot be saved; the chat continues
 */
export async function openHistory(files: PersonalFiles | null, warn: (text: string) => void): Promise<KeptHistory> {
  let keeps = files !== null
  let latest: string[] = []
  let writing: Promise<void> = Promise.resolve()
  let changed = false

  function giveUp(error: unknown): void {
    rethrowUnless(error)
    keeps = false
    warn(`entered commands are not saved: ${error.message} (${error.code})\n  ${error.hint}`)
  }

  async function write(): Promise<void> {
    // This write includes everything that came during the one before it.
    if (!changed || !keeps) return
    changed = false
    await files
      ?.write(
        FILE,
        latest
          .toReversed()
          .map(line => `${line}\n`)
          .join(''),
      )
      .catch(giveUp)
  }

  const kept = (await files?.read(FILE).catch(giveUp)) ?? ''
  latest = kept.split('\n').filter(isLine).slice(-MAX_KEPT_LINES).toReversed()
  const lines = [...latest]
  return {
    lines,
    add(line, commands) {
      if (!keeps || !mayBeKept(line, commands)) return
      latest = [line, ...latest.filter(other => other !== line)].slice(0, MAX_KEPT_LINES)
      changed = true
      writing = writing.then(write)
    },
    settled: () => writing,
  }
}

/** Anyone may have written the file: only lines that could have been typed come back. */
function isLine(text: string): boolean {
  return text.startsWith('/') && text.length <= MAX_KEPT_LENGTH && !/\p{C}/u.test(text)
}
