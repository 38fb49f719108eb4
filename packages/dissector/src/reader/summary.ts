import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Secrets } from '../dissect/secrets.ts'
import { FINDINGS, type Severity } from '../message/finding.ts'
import type { Tally } from './tally.ts'
import { hanging } from './text-layout.ts'

/** What was read, all of it. */
export interface Totals {
  readonly packets: number
  /** TCP connections of all kinds. */
  readonly connections: number
  /** Of these, those whose beginning is not in the capture. */
  readonly headless: number
  readonly tally: Tally
  readonly keys: Secrets
  /** The file with the key log, and that with the page; null for none. */
  readonly keyFile: string | null
  readonly page: string | null
}

/** The longest code. */
const CODE_CELLS = Math.max(...Object.keys(FINDINGS).map(code => code.length))

const TITLES: Readonly<Record<Severity, string>> = { error: 'errors', warning: 'warnings', note: 'notes' }

/** How many of something, in words: `1 packet`, `2 packets`. */
function count(number: number, one: string, more = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : more}`
}

/** The lines under the ladder: findings, the worst first, and totals. */
export function summaryLines(totals: Totals, colours: Colours, width: number): string[] {
  const { packets, connections, tally, keys } = totals
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
      ...(foreign > 0 ? [count(foreign, 'other connection')] : []),
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
    const garbage = count(keys.garbage, 'invalid line')
    const first = keys.garbage === 1 ? `line ${keys.firstGarbage}` : `first line ${keys.firstGarbage}`
    lines.push(
      [
        `key log: ${count(keys.used, 'line')} for what is here, ${unused.toLocaleString('en')} for something else`,
        ...(keys.garbage > 0 ? [yellow(`${garbage} (${first})`)] : []),
      ].join(', '),
    )
  }
  const doubt = doubtOfKeys(totals)
  if (doubt !== null) lines.push(...hanging('', yellow(doubt), 0, width))
  if (tally.conversations === 0) lines.push('', ...nothingOfOurs(connections, width))
  else lines.push(...withoutBeginning(totals, width))
  if (totals.page !== null) {
    const said = tally.opened > 0 ? ' It contains the opened texts: protect it like the key log.' : ''
    lines.push(...hanging('', `The page is in ${printableLine(totals.page)}.${said}`, 0, width))
  }
  return lines
}

/** What seems to be wrong with the key log; null where nothing does. */
function doubtOfKeys({ tally, keys, keyFile }: Totals): string | null {
  if (keyFile !== null && keys.secrets === 0) return `${printableLine(keyFile)} has no line of a key log.`
  if (keys.contradictions > 0 || (keys.used > 0 && tally.opened === 0)) {
    return 'The key log has lines for these conversations that do not fit: before you suspect an attack, suspect the key log.'
  }
  if (keys.secrets > 0 && keys.used === 0 && tally.sealed > 0) return 'This key log belongs to other conversations.'
  return null
}

function withoutBeginning({ headless, tally }: Totals, width: number): string[] {
  if (headless === 0) return []
  const foreign = headless - tally.headless
  const unknown =
    foreign > 0
      ? `, and whether ${foreign === 1 ? 'one' : `${foreign}`} of them ${foreign === 1 ? 'is' : 'are'} ours cannot be seen`
      : ''
  const what = count(headless, 'connection began', 'connections began')
  return [
    '',
    ...hanging('', `${what} before the capture${unknown}. Start to record before the programs connect.`, 0, width),
  ]
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
