import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { LogEntry } from './log-entry.ts'

/** Year, month, day and time of day in the order in which they sort; the time zone is that of the machine. */
const localTime = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' })

/**
 * An entry for people, safe to print: `2026-01-31 12:00:00 bob: hello`, and `alice to bob: hello` for what was said by
 * ourselves. Further lines of a text are indented, so that none can pass for an entry of its own.
 *
 * @param name our own
 * @returns null for what says nothing about a conversation
 */
export function logLine(entry: LogEntry, name: string): string | null {
  if (entry.event === 'stop') return null
  const at = localTime.format(new Date(entry.at))
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
