import { type ErrorCode, ERRORS } from '@p2p-secure-chat/core/errors'
import { MAX_PRINTED_CHARACTERS, printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEvent } from '../chat/chat-event.ts'
import { describeFile } from './describe-file.ts'
import type { Description } from './description.ts'

/** How much of a text stands in a list, in UTF-16 code units. */
const SHORT = 60

type Ready = Extract<ChatEvent, { event: 'ready' }>
type Users = Extract<ChatEvent, { event: 'users' }>
type Peers = Extract<ChatEvent, { event: 'peers' }>
type Blocked = Extract<ChatEvent, { event: 'blocked' }>
type Call = Extract<ChatEvent, { event: 'call' }>
type Closed = Extract<ChatEvent, { event: 'closed' }>
type Failure = Extract<ChatEvent, { event: 'error' }>
type Directory = Extract<ChatEvent, { event: 'directory' }>
type Opened = Extract<ChatEvent, { event: 'open' }>

/**
 * Says an event in words; null for those that only scripts need. Everything from others is made printable.
 *
 * @param most how long a text may be, in UTF-16 code units of what is shown
 */
export function describeEvent(event: ChatEvent, most = MAX_PRINTED_CHARACTERS): Description | null {
  switch (event.event) {
    case 'ready':
      return status(readiness(event))
    case 'users':
      return status(listing(event))
    case 'peers':
      return status(remembered(event))
    case 'blocked':
      return status(blockList(event))
    case 'invite':
      return null
    case 'presence':
      return status(`${printableLine(event.name)} is ${event.online ? 'online' : 'offline'}`)
    case 'directory':
      return directory(event)
    case 'call':
      return status(calling(event))
    case 'retry':
      return status(`${printableLine(event.peer)} has no place for another call now, trying again (${event.code})`)
    case 'open':
      return status(banner(event))
    case 'message':
      return event.direction === 'in' ? { kind: 'text', text: speech(event.peer, event.text, most) } : null
    case 'delivered':
      return null
    case 'file':
      return describeFile(event)
    case 'interrupted':
      return trouble(`connection to ${printableLine(event.peer)} lost, trying to get it back (${event.code})`)
    case 'resumed':
      return status(`connected with ${printableLine(event.peer)} again${sentAgain(event.resent)}`)
    case 'closed':
      return ending(event)
    case 'error':
      return trouble(failure(event))
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

function printableStart(text: string): string {
  return text.length <= SHORT ? printableLine(text) : `${printableLine(text.slice(0, SHORT))}...`
}

function calling({ direction, asks, ...event }: Call): string {
  const peer = printableLine(event.peer)
  if (direction === 'outgoing') return `calling ${peer} ...`
  return asks ? `${peer} calls: /accept ${peer} or /decline ${peer}` : `${peer} calls`
}

function ending({ peer, message, code, reason, hint }: Closed): Description {
  // No name has a blank in it, so no peer's text can look like this.
  const what = `conversation with ${printableLine(peer)}: ${printableLine(message ?? 'over')}`
  if (code === null) return status(what)
  const advice = hint ?? (needsHint(code) ? ERRORS[code].hint : null)
  const full = `${what} (${code})${advice === null ? '' : `\n  ${printableLine(advice)}`}`
  return reason === 'refused' ? status(full) : trouble(full)
}

function failure({ message, code, hint, texts = [] }: Failure): string {
  return [
    `error: ${printableLine(message)} (${code})`,
    ...texts.map(({ text }) => `  not delivered: ${printableStart(text)}`),
    `  ${printableLine(hint ?? ERRORS[code].hint)}`,
  ].join('\n')
}

function sentAgain(count: number): string {
  if (count === 0) return ''
  return count === 1 ? ', one text is sent again' : `, ${count} texts are sent again`
}

function readiness({ name, protocol, directory, listen, fingerprint, notices }: Ready): string {
  const lines = [
    `you are ${name} (${protocol}), known to the directory at ${directory}`,
    listen === null ? 'you take no calls' : `you take calls on ${listen}`,
  ]
  if (fingerprint !== null) lines.push(`your fingerprint: ${fingerprint}`)
  for (const notice of notices) lines.push(`note: ${printableLine(notice)}`)
  return lines.join('\n')
}

function directory({ state, code, message, hint }: Directory): Description {
  const what = printableLine(message ?? '')
  switch (state) {
    case 'gone':
      return trouble(`the directory is gone; open conversations go on; trying to reach it again (${code})`)
    case 'refused':
      return trouble(
        `the directory does not take you again: ${what} (${code}); it goes on trying${hint === undefined ? '' : `\n  ${printableLine(hint)}`}`,
      )
    case 'back':
      return status(`registered with the directory again${what && `\n  ${what}`}`)
    case 'replaced':
      return trouble(
        `your name was taken over from elsewhere with your own key; here, open conversations go on, and nobody new finds you (${code})\n  leave and start again to take the name back`,
      )
  }
}

function listing({ prefix, users, next }: Users): string {
  const names = users.map(user => printableLine(user.name)).join('  ')
  const more =
    next === null ? '' : `\nthere are more: /who ${prefix === '' ? '*' : printableLine(prefix)} ${printableLine(next)}`
  return (names || 'nobody') + more
}

function remembered({ peers }: Peers): string {
  return table(peers.map(({ name, fingerprint, identity }) => [name, fingerprint, identity])) || 'nobody yet'
}

function blockList({ peers }: Blocked): string {
  return table(peers.map(({ name, fingerprint }) => [name, fingerprint ?? ''])) || 'nobody is blocked'
}

/** Rows whose first column is as wide as it has to be; the others are of one width, or the last. */
function table(rows: readonly (readonly [string, ...string[]])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, ...rest]) => [name.padEnd(width), ...rest].join('  ').trimEnd()).join('\n')
}

/** One message as lines: further lines are indented, so that no text can pass for another speaker's line. */
function speech(peer: string, text: string, most: number): string {
  return `${printableLine(peer)}: ${printable(text, most).replaceAll('\n', '\n  ')}`
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

function status(text: string): Description {
  return { kind: 'status', text }
}

function trouble(text: string): Description {
  return { kind: 'trouble', text }
}
