import type { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import type { Secrets } from '../dissect/secrets.ts'
import { FINDINGS, type Severity } from '../dissect/finding.ts'
import { hanging } from './ladder-layout.ts'
import type { Tally } from './tally.ts'

/** What was read, all of it. */
export interface Totals {
  readonly packets: number
  /** TCP connections of all kinds. */
  readonly connections: number
  readonly tally: Tally
  readonly keys: Secrets
}

/** The longest code. */
const CODE_CELLS = Math.max(...Object.keys(FINDINGS).map(code => code.length))

const TITLES: Readonly<Record<Severity, string>> = { error: 'errors', warning: 'warnings', note: 'notes' }

/** How many of something, in words: `1 packet`, `2 packets`. */
function count(number: number, one: string, more = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : more}`
}

/** What stands under the ladder: findings, the worst first, and what was counted. */
export function summaryLines(
  { packets, connections, tally, keys }: Totals,
  colours: ReturnType<typeof colourFor>,
  width: number,
): string[] {
  const { bold, dim, red, yellow, green } = colours
  const colour = { error: red, warning: yellow, note: dim }
  const lines = ['']
  let severity: Severity | null = null
  for (const { code, count: times, packets: first } of tally.ranked()) {
    const meaning = FINDINGS[code]
    if (meaning.severity !== severity) lines.push(bold(colour[meaning.severity](TITLES[meaning.severity])))
    severity = meaning.severity
    const where = `packet${first.length === 1 ? '' : 's'} ${first.join(', ')}${times > first.length ? ', ...' : ''}`
    const mark = `  ${String(times).padStart(5)} × ${code.padEnd(CODE_CELLS)} `
    lines.push(...hanging(colour[severity](mark), `${meaning.text} ${dim(`(${where})`)}`, 0, width))
  }
  if (severity !== null) lines.push('')

  const foreign = connections - tally.conversations
  lines.push(
    [
      bold(count(packets, 'packet')),
      count(tally.conversations, 'conversation of ours', 'conversations of ours'),
      ...(foreign > 0 ? [count(foreign, 'connection of others', 'connections of others')] : []),
      count(tally.messages, 'message'),
    ].join(', '),
  )
  if (tally.opened + tally.sealed > 0) {
    const opened = count(tally.opened, 'message opened', 'messages opened')
    const unchecked = tally.unchecked > 0 ? `, ${count(tally.unchecked, 'CONFIRM')} not checked` : ''
    lines.push(`${tally.opened > 0 ? green(opened) : opened}, ${tally.sealed.toLocaleString('en')} sealed${unchecked}`)
  }
  if (keys.secrets + keys.garbage > 0) {
    const unused = keys.secrets - keys.used
    const garbage =
      keys.garbage > 0 ? `, ${yellow(count(keys.garbage, 'line that is none', 'lines that are none'))}` : ''
    lines.push(`key log: ${count(keys.used, 'line')} used, ${unused.toLocaleString('en')} unused${garbage}`)
  }
  if (tally.conversations === 0) lines.push('', ...nothingOfOurs(connections, width))
  return lines
}

function nothingOfOurs(connections: number, width: number): string[] {
  const why =
    connections === 0
      ? 'There is no TCP connection in this capture.'
      : 'No connection in this capture is one of ours, or none of them begins in it.'
  return hanging(
    '',
    `${why} Start to record before the programs connect, on the device that carries them; for programs of one machine: tcpdump -i lo -U -w FILE tcp`,
    0,
    width,
  )
}
