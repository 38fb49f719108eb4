import { join } from 'node:path'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { lazily } from '@p2p-secure-chat/core/lazily'
import type { Reporter } from '@p2p-secure-chat/core/terminal/reporter'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { LogEntry } from './log-entry.ts'
import { type KeySource, readLog } from './read-log.ts'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'

/** Year, month, day and time in sortable order, in the time zone of the machine. */
const localTime = lazily(() => new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' }))

/**
 * An entry for people, safe to print: `2026-01-31 12:00:00 bob: hello`, and `alice to bob: hello` for our own texts.
 * Further lines of a text are indented, so that none looks like an entry of its own.
 *
 * @param name our own
 * @returns null for an entry that is not about a conversation
 */
export function logLine(entry: LogEntry, name: string): string | null {
  if (entry.event === 'stop') return null
  const at = localTime().format(new Date(entry.at))
  const peer = printableLine(entry.peer)
  switch (entry.event) {
    case 'open':
      return `${at} * conversation with ${peer} (${entry.identity}, ${printableLine(entry.fingerprint)})`
    case 'message': {
      const speaker = entry.direction === 'in' ? peer : `${name} to ${peer}`
      return `${at} ${speaker}: ${printable(entry.text, Infinity).replaceAll('\n', '\n  ')}`
    }
    case 'closed':
      return `${at} * conversation with ${peer} ended (${printableLine(entry.code ?? entry.reason)})`
  }
}

/**
 * A remark about runs that did not stop cleanly.
 *
 * @param count of those, at least one
 */
export function unfinishedRuns(count: number): string {
  const runs = count === 1 ? 'one run has' : `${count} runs have`
  return `${runs} no end in the log: the client is still running, was killed, or somebody cut off the log there`
}

export interface PrintLogOptions {
  /** The folder of the user's name. */
  readonly folder: string
  readonly name: string
  /** Only the conversations with this peer; null for all. */
  readonly peer: string | null
  readonly out: Reporter
}

/**
 * Prints a whole log, with remarks about it.
 *
 * @throws {ChatError} `unreadable`; `bad-log`, after all intact entries are printed
 */
export async function printLog(keys: KeySource, { folder, name, peer, out }: PrintLogOptions): Promise<void> {
  quietPipe()

  function print(entry: LogEntry): void {
    if (entry.event === 'stop' || (peer !== null && entry.peer !== peer)) return
    out.result(entry, linesFor(process.stdout, logLine(entry, name) ?? ''))
  }

  const { damage, unfinished } = await readLog(join(folder, 'log'), keys, async entries => {
    entries.forEach(print)
    await out.drained()
  })
  if (unfinished > 0) out.note(unfinishedRuns(unfinished))
  if (damage !== null) throw damage
}
