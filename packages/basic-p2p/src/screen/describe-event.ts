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
 * Says an event in words; null for those that only scripts need. Everything from others is made printable.
 *
 * @param most how long a text may be, in UTF-16 code units of what is shown; by default as printable() has it
 */
export function describeEvent(event: ChatEvent, most?: number): Description | null {
  switch (event.event) {
    case 'call':
      return { kind: 'status', text: calling(event) }
    case 'retry':
      return {
        kind: 'status',
        text: `${printableLine(event.peer)} has no place for another call now, trying again (${event.code})`,
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
        text: `connection to ${printableLine(event.peer)} lost, trying to get it back (${event.code})`,
      }
    case 'resumed':
      return { kind: 'status', text: `connected with ${printableLine(event.peer)} again${sentAgain(event.resent)}` }
    case 'closed':
      return ending(event)
    default:
      return describeClientEvent(event)
  }
}

/** Why no call can begin until something is put right, in contrast to one that nobody answers. */
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
  return asks ? `${peer} calls: /accept ${peer} or /decline ${peer}` : `${peer} calls`
}

function ending({ peer, message, code, reason, hint }: Closed): Description {
  // No name has a blank in it, so no peer's text can look like this.
  const what = `conversation with ${printableLine(peer)}: ${printableLine(message ?? 'over')}`
  if (code === null) return { kind: 'status', text: what }
  const advice = hint ?? (needsHint(code) ? ERRORS[code].hint : null)
  const full = `${what} (${code})${advice === null ? '' : `\n  ${printableLine(advice)}`}`
  return reason === 'refused' ? { kind: 'status', text: full } : { kind: 'trouble', text: full }
}

function sentAgain(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ', one text is sent again' : `, ${count} texts are sent again`
}

/** One message as lines: further lines are indented, so that no text can pass for another speaker's line. */
function speech({ peer, text, direction }: Message, most: number | undefined): Description | null {
  if (direction === 'out') return null
  return { kind: 'text', text: `${printableLine(peer)}: ${printable(text, most).replaceAll('\n', '\n  ')}` }
}

/** What is protected and what is not, computed from what the upgrade learnt and nothing else. */
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

/** The twelve numbers in rows of four, which fit any terminal and the ear. */
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
      return `first contact: make sure that it is ${name}, with /verify ${name}`
    case 'known':
      return `the key that you know as ${name}'s, not compared in person yet`
    case 'verified':
      return `verified: you compared the safety number with ${name}`
  }
}

/**
 * What a person at a terminal is told about an event that one line can not make clear: that a key changed, which is the
 * moment when they have to decide something that the program can not decide for them.
 *
 * @returns lines that stand below the event's own; null where it says enough by itself
 */
export function explainEvent(event: ChatEvent): string | null {
  if (event.event === 'closed' && event.code === 'key-changed') {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'The call ended before anything of yours was sent, even your name.')
  }
  if (event.event === 'error' && event.code === 'key-changed' && event.peer !== undefined) {
    const peer = printableLine(event.peer)
    return changedKey(peer, 'It was refused. Your chat goes on.')
  }
  return null
}

function changedKey(peer: string, done: string): string {
  return `
  What happened: a name that you know came with a key that you do not know.
  ${done}
  There are two likely reasons:
    1. ${peer} has a new device, or reinstalled the chat; or
    2. somebody in the middle pretends to be ${peer}.
  What to do: call ${peer} on the phone, or ask face to face: "Is your key new?"
    Yes, it is new: /forget ${peer}, then /chat ${peer}, and compare with /verify ${peer}
    No, or no reply: do nothing. The old key stays, and the new one stays out.
`
}
