import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { otherSide } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { Evidence, SeenHandshake, SeenLegacy } from '@p2p-secure-chat/dissector/exchange/evidence'
import { labelled, type ReportStyle } from './report-style.ts'
import { toyGroups } from '../textbook/toy-exchange.ts'

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
        `${seen.spoken} hides nothing, so there is nothing to crack: use chat-lab read.`,
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
