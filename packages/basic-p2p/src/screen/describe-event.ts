import { type ErrorCode, ERRORS } from '@p2p-secure-chat/core/errors'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEvent } from '../chat/chat-event.ts'
import { describeClientEvent } from './describe-client-event.ts'
import { type Description, describeFile } from './describe-file.ts'

type Call = Extract<ChatEvent, { event: 'call' }>
type Closed = Extract<ChatEvent, { event: 'closed' }>
type Message = Extract<ChatEvent, { event: 'message' }>
type Opened = Extract<ChatEvent, { event: 'open' }>

/**
 * Describes an event in words, or returns null for one that only scripts need. All text from others is made printable.
 *
 * @param most limit of a text, in UTF-16 code units as shown; the default is that of printable()
 */
export function describeEvent(event: ChatEvent, most?: number): Description | null {
  switch (event.event) {
    case 'call':
      return { kind: 'status', text: calling(event) }
    case 'retry':
      return {
        kind: 'status',
        text: `${printableLine(event.peer)} has no room for another call right now; retrying (${event.code})`,
      }
    case 'open':
      return { kind: 'status', text: banner(event) }
    case 'message':
      return speech(event, most)
    case 'delivered':
      return null
    case 'file':
      return describeFile(event)
    case 'interrupted':
      return {
        kind: 'trouble',
        text: `connection to ${printableLine(event.peer)} lost; reconnecting (${event.code})`,
      }
    case 'resumed':
      return { kind: 'status', text: `reconnected to ${printableLine(event.peer)}${sentAgain(event.resent)}` }
    case 'closed':
      return ending(event)
    default:
      return describeClientEvent(event)
  }
}

/** Why no call can start until the user fixes something, unlike a call that nobody answers. */
const TO_PUT_RIGHT: ReadonlySet<ErrorCode> = new Set([
  'unreadable',
  'unwritable',
  'disk-full',
  'bad-known-peers',
  'internal',
])

function needsHint(code: ErrorCode): boolean {
  return ERRORS[code].exit === 3 || TO_PUT_RIGHT.has(code)
}

function calling({ direction, asks, ...event }: Call): string {
  const peer = printableLine(event.peer)
  if (direction === 'outgoing') return `calling ${peer} ...`
  return asks ? `${peer} is calling: /accept ${peer} or /decline ${peer}` : `${peer} is calling`
}

function ending({ peer, message, code, reason, hint }: Closed): Description {
  // No name contains a space, so no peer's text can look like this.
  const what = `conversation with ${printableLine(peer)}: ${printableLine(message ?? 'ended')}`
  if (code === null) return { kind: 'status', text: what }
  const advice = hint ?? (needsHint(code) ? ERRORS[code].hint : null)
  const full = `${what} (${code})${advice === null ? '' : `\n  ${printableLine(advice)}`}`
  return reason === 'refused' ? { kind: 'status', text: full } : { kind: 'trouble', text: full }
}

function sentAgain(count: number): string {
  if (count === 0) return ''
  return count === 1 ? '; sending one text again' : `; sending ${count} texts again`
}

/** One message as lines: all but the first are indented, so that no text can look like another speaker's line. */
function speech({ peer, text, direction }: Message, most: number | undefined): Description | null {
  if (direction === 'out') return null
  return { kind: 'text', text: `${printableLine(peer)}: ${printable(text, most).replaceAll('\n', '\n  ')}` }
}

/** What is protected and what is not, computed from the peer security alone. */
export function banner(opened: Opened): string {
  const lines = [`talking with ${printableLine(opened.peer)}`]
  lines.push(
    opened.confidential
      ? '  others on the path cannot read this conversation'
      : '  NOT PRIVATE: everyone on the path can read this conversation',
  )
  lines.push(
    opened.integrity
      ? '  nobody on the path can change, repeat, remove or cut it unnoticed'
      : '  NOT AUTHENTIC: someone on the path can change, repeat or remove what is said',
  )
  lines.push(`  ${identityLine(opened)}`)
  if (opened.safetyNumber !== null) lines.push('  safety number:', ...safetyNumberRows(opened.safetyNumber))
  for (const notice of opened.notices) lines.push(`  note: ${printableLine(notice)}`)
  return lines.join('\n')
}

/** The twelve groups in rows of four, which fit any terminal and are easy to read aloud. */
export function safetyNumberRows(safetyNumber: string): string[] {
  const numbers = safetyNumber.split(' ')
  return [0, 4, 8].map(start => `    ${numbers.slice(start, start + 4).join('  ')}`)
}

function identityLine({ identity, peer }: Opened): string {
  const name = printableLine(peer)
  switch (identity) {
    case 'none':
      return `NOT PROVED: anyone can call themselves ${name} here`
    case 'new':
      return `first contact: use /verify ${name} to make sure it really is ${name}`
    case 'known':
      return `the key you know as ${name}'s, not yet compared in person`
    case 'verified':
      return `verified: you compared the safety number with ${name}`
  }
}

/**
 * Explains to a person at a terminal what one line cannot: that a key changed, and what they have to decide now, since the
 * program cannot.
 *
 * @returns lines to show below the event's own; null if it needs no explanation
 */
export function explainEvent(event: ChatEvent): string | null {
  if (event.event === 'closed' && event.code === 'key-changed') {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'The call ended before anything of yours was sent, even your name.')
  }
  if (event.event === 'error' && event.code === 'key-changed' && event.peer !== undefined) {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'The call was refused. Your chat goes on.')
  }
  return null
}

function changedKey(peer: string, done: string): string {
  return `
  What happened: a name you know came with a key you do not know.
  ${done}
  There are two likely reasons:
    1. ${peer} has a new device, or reinstalled the chat; or
    2. somebody in the middle is pretending to be ${peer}.
  What to do: call ${peer} on the phone, or ask face to face: "Is your key new?"
    Yes, it is new: /forget ${peer}, then /chat ${peer}, and compare with /verify ${peer}
    No, or no reply: do nothing. The old key stays, and the new one stays out.
`
}
