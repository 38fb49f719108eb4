import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import { otherSide } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { Evidence, SeenHandshake, SeenLegacy } from '@p2p-secure-chat/dissector/exchange/evidence'
import type { CrackEvent } from './crack-event.ts'
import {
  describeExponent,
  describeGivingUp,
  describeGroups,
  describeInfeasible,
  describeMethod,
  describeSecret,
  labelled,
  type ReportStyle,
} from './describe-search.ts'
import { count, duration } from '../numbers-in-words.ts'
import { toyGroups } from '../textbook/toy-exchange.ts'

/** Makes the lines that a person reads of one event after the other; none for progress, which has a place of its own. */
export function crackDescription(style: ReportStyle): (event: CrackEvent) => string[] {
  let conversations = 0
  let speaking: number | null = null

  return event => {
    switch (event.event) {
      case 'seen':
        conversations += 1
        return describeSeen(event.seen, style)
      case 'search':
        return describeMethod(event, style)
      case 'exponent':
        return describeExponent(event, style)
      case 'secret':
        return describeSecret(event, style)
      case 'gave-up':
        return describeGivingUp(event, style)
      case 'not-in-group': {
        const whose = formatAddress(event.connection[event.of])
        return labelled(style, 'not valid', style.red(`The public value of ${whose} is not a power of g.`))
      }
      case 'groups': {
        const title = `groups that fit all ${event.conversations} conversations of the textbook`
        return ['', style.bold(title), ...labelled(style, '', ...describeGroups(event.groups))]
      }
      case 'infeasible':
        return describeInfeasible(event, style)
      case 'message': {
        const { number } = event.connection
        const title = speaking === number ? [] : ['', style.bold(`messages on connection ${number}`)]
        speaking = number
        return [...title, ...describeMessage(event, style)]
      }
      case 'done': {
        const { recovered, ignored } = event
        if (conversations === 0) return ['there is no conversation in this capture']
        const more = ignored === 0 ? [] : [style.yellow(`too many conversations: ${count(ignored)} were left out`)]
        if (recovered === 0) return ['', ...more, 'recovered nothing']
        return ['', ...more, style.green(`recovered ${recovered} message${recovered === 1 ? '' : 's'}`)]
      }
      case 'progress':
        return []
    }
  }
}

function describeMessage(
  { packet, from, text }: Extract<CrackEvent, { event: 'message' }>,
  style: ReportStyle,
): string[] {
  const said = text === null ? style.yellow('(a record that does not open: altered, or cut)') : printable(text)
  const lines = `${style.cyan(`${printableLine(from)}:`)} ${said}`.split('\n')
  return labelled(style, `packet ${packet}`, ...lines.map((line, i) => (i === 0 ? line : `  ${line}`)))
}

/** One line that says how far a search is. */
export function describeProgress(
  { steps, seconds }: Extract<CrackEvent, { event: 'progress' }>,
  expected: number | null,
): string {
  const of = expected === null ? '' : ` of about ${count(expected)}`
  return `  ${count(steps)}${of} steps, ${duration(seconds)}`
}

/** Most digits of a number that are shown. */
const SHOWN_DIGITS = 40

/** What a conversation shows to everybody, before anything is computed. */
export function describeSeen(seen: Evidence, style: ReportStyle): string[] {
  const { number, dialler, listener } = seen.connection
  const title = `connection ${number}: ${formatAddress(dialler)} called ${formatAddress(listener)}`
  return ['', style.bold(title), ...content(seen, style)]
}

function content(seen: Evidence, style: ReportStyle): string[] {
  switch (seen.kind) {
    case 'handshake':
      return handshakeLines(seen, style)
    case 'legacy':
      return legacyLines(seen, style)
    case 'open':
      return labelled(
        style,
        'in the open',
        `${seen.spoken} hides nothing, so there is nothing to crack: use ${typedCommand('chat-lab', 'read FILE')}.`,
      )
    case 'part':
      return labelled(style, 'incomplete', `The exchange of this ${seen.spoken} conversation is not in the capture.`)
  }
}

function handshakeLines({ spoken, group, bits, initiator, publicValues }: SeenHandshake, style: ReportStyle): string[] {
  const toy = toyGroups.find(({ name }) => name === group)
  if (toy === undefined) {
    return labelled(
      style,
      'on the wire',
      `${spoken} in the group ${printableLine(group)}: A and B, of ${bits} bits each.`,
    )
  }
  return [
    ...labelled(
      style,
      'on the wire',
      `${spoken} in the group ${group}, that is p = ${toy.p} and g = ${toy.g};`,
      `A = g^a = ${shortNumber(publicValues[initiator])} modulo p;`,
      `B = g^b = ${shortNumber(publicValues[otherSide(initiator)])} modulo p.`,
    ),
    ...labelled(style, 'unknown', 'a and b. Either of them gives the secret g^(ab), and all keys follow from that.'),
  ]
}

function legacyLines({ publicValues: { dialler, listener }, probes }: SeenLegacy, style: ReportStyle): string[] {
  const values = `The textbook's format: A = ${shortNumber(dialler)}, B = ${shortNumber(listener)}, and not even p and g;`
  if (probes.length === 0) return labelled(style, 'on the wire', values, 'then the texts themselves, in the open.')
  return [
    ...labelled(style, 'on the wire', values, 'then records, each an IV and what AES-256-CBC made of a text.'),
    ...labelled(style, 'unknown', 'The secret s = g^(ab) modulo p. The key is SHA-256 of its decimal digits.'),
  ]
}

function shortNumber(value: bigint): string {
  const digits = String(value)
  return digits.length <= SHOWN_DIGITS ? digits : `${digits.slice(0, SHOWN_DIGITS)}... (${digits.length} digits)`
}
