import { ERRORS } from '@p2p-secure-chat/core/errors'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { Description } from './describe-file.ts'

/** How much of an undelivered text is quoted, in UTF-16 code units. */
const SHORT = 60

type Named<E extends ChatEvent['event']> = Extract<ChatEvent, { event: E }>

/** Events outside any conversation. */
type ClientEvent = Named<'ready' | 'users' | 'peers' | 'blocked' | 'invite' | 'presence' | 'directory' | 'error'>

/** As describeEvent(), for events outside any conversation. */
export function describeClientEvent(event: ClientEvent): Description | null {
  switch (event.event) {
    case 'ready':
      return { kind: 'status', text: readiness(event) }
    case 'users':
      return { kind: 'answer', text: listing(event) }
    case 'peers':
      return { kind: 'answer', text: remembered(event) }
    case 'blocked':
      return { kind: 'answer', text: blockList(event) }
    case 'invite':
      return null
    case 'presence':
      return { kind: 'status', text: `${printableLine(event.name)} is ${event.online ? 'online' : 'offline'}` }
    case 'directory':
      return directory(event)
    case 'error':
      return { kind: 'trouble', text: failure(event) }
  }
}

function readiness({ name, protocol, directory, listen, fingerprint, notices }: Named<'ready'>): string {
  const lines = [
    `you are ${name} (${protocol}), registered with the directory at ${directory}`,
    listen === null ? 'you accept no calls' : `you accept calls on ${listen}`,
  ]
  if (fingerprint !== null) lines.push(`your fingerprint: ${fingerprint}`)
  for (const notice of notices) lines.push(`note: ${printableLine(notice)}`)
  return lines.join('\n')
}

function directory({ state, code, message, hint }: Named<'directory'>): Description {
  const what = printableLine(message ?? '')
  switch (state) {
    case 'gone':
      return {
        kind: 'trouble',
        text: `the directory is gone; open conversations go on; reconnecting (${code})`,
      }
    case 'refused':
      return {
        kind: 'trouble',
        text: `the directory refuses to register you again: ${what} (${code}); retrying${hint === undefined ? '' : `\n  ${printableLine(hint)}`}`,
      }
    case 'back':
      return { kind: 'status', text: `registered with the directory again${what && `\n  ${what}`}` }
    case 'replaced':
      return {
        kind: 'trouble',
        text: `another client with your key has taken over your name; open conversations go on here, but nobody new can reach you (${code})\n  leave and start again to take the name back`,
      }
  }
}

function listing({ prefix, users, next }: Named<'users'>): string {
  const names = users.map(user => printableLine(user.name)).join('  ')
  const more =
    next === null ? '' : `\nthere are more: /who ${prefix === '' ? '*' : printableLine(prefix)} ${printableLine(next)}`
  return (names || 'nobody') + more
}

function remembered({ peers }: Named<'peers'>): string {
  return table(peers.map(({ name, fingerprint, identity }) => [name, fingerprint, identity])) || 'nobody yet'
}

function blockList({ peers }: Named<'blocked'>): string {
  return table(peers.map(({ name, fingerprint }) => [name, fingerprint ?? ''])) || 'nobody is blocked'
}

/** Aligns the first column; the other columns have equal widths anyhow. */
function table(rows: readonly (readonly [string, ...string[]])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, ...rest]) => [name.padEnd(width), ...rest].join('  ').trimEnd()).join('\n')
}

function failure({ message, code, hint, texts = [] }: Named<'error'>): string {
  return [
    `error: ${printableLine(message)} (${code})`,
    ...texts.map(({ text }) => `  not delivered: ${printableStart(text)}`),
    `  ${printableLine(hint ?? ERRORS[code].hint)}`,
  ].join('\n')
}

function printableStart(text: string): string {
  return text.length <= SHORT ? printableLine(text) : `${printableLine(text.slice(0, SHORT))}...`
}
