import { once } from 'node:events'
import { join } from 'node:path'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { linesFor } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { LogEntry } from './log-entry.ts'
import { logLine } from './log-lines.ts'
import { type KeySource, readLog } from './read-log.ts'
import { unfinishedRuns } from './unfinished-runs.ts'

export interface PrintLogOptions {
  /** The folder of the user's name. */
  readonly folder: string
  readonly name: string
  /** Only what was said with this peer; null for everybody. */
  readonly peer: string | null
  readonly json: boolean
}

/**
 * Prints a whole log to stdout, as lines for people or as JSON for programs, and remarks about it to stderr.
 *
 * @throws {ChatError} `unreadable`; `bad-log`, once everything that is whole is printed
 */
export async function printLog(keys: KeySource, { folder, name, peer, json }: PrintLogOptions): Promise<void> {
  quietPipe()

  function lineOf(entry: LogEntry): string {
    if (entry.event === 'stop' || (peer !== null && entry.peer !== peer)) return ''
    if (json) return jsonLine({ v: 1, ...entry })
    return `${linesFor(process.stdout, logLine(entry, name) ?? '')}\n`
  }

  const { damage, unfinished } = await readLog(join(folder, 'log'), keys, async entries => {
    if (!process.stdout.write(entries.map(lineOf).join(''))) await once(process.stdout, 'drain')
  })
  if (unfinished > 0) process.stderr.write(`${unfinishedRuns(unfinished)}\n`)
  if (damage !== null) throw damage
}
