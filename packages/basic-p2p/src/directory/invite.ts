import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress, LONGEST_HOST, parseAddress } from '@p2p-secure-chat/core/net/address'
import { isName } from './name.ts'

/** Everything it takes to reach somebody and to know that it is them. */
export interface Invite {
  readonly name: string
  /** The directory where that name is online. */
  readonly directory: Address
  /** SHA-256 of the key that must answer, base64url, 43 characters. */
  readonly fingerprint: string
}

/**
 * Accepts only the key of an invite under its name, as long as the client runs.
 *
 * @param fingerprint SHA-256 of the key, base64url
 * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
 */
export type ExpectKey = (name: string, fingerprint: string) => Promise<void>

const SCHEME = 'chat:'

/** No invite is longer, in characters: a name, the longest host and its port, and a fingerprint. */
const LONGEST_INVITE = SCHEME.length + 32 + 1 + LONGEST_HOST + 6 + 1 + 43

/** The parts of an invite, in any spelling. */
const PARTS = /^chat:([^@]+)@([^@#]+)#([\w+/-]{43})=?$/i

/** Whether this text is meant as an invite: no name has a colon in it. */
export function isInvite(text: string): boolean {
  return text.trimStart().toLowerCase().startsWith(SCHEME)
}

/** Writes `chat:name@host:port#fingerprint`: host and port as formatAddress() has them, without a dot at the end. */
export function formatInvite({ name, directory, fingerprint }: Invite): string {
  const host = directory.host.replace(/\.$/, '')
  return `${SCHEME}${name}@${formatAddress({ host, port: directory.port })}#${fingerprint}`
}

/**
 * Reads an invite, strictly: each one has exactly one spelling, so that two people who compare theirs see the same.
 *
 * @throws {ChatError} `bad-invite`; where the text is another spelling of one, the hint has the right one
 */
export function parseInvite(text: string): Invite {
  const invite = readInvite(text)
  const spelling = formatInvite(invite)
  if (spelling !== text)
    throw bad(text, 'it is not spelt as /invite shows it', { hint: `its one spelling is ${spelling}` })
  return invite
}

/** Reads an invite in any spelling that leaves no doubt about what was meant. */
function readInvite(text: string): Invite {
  if (text.length > 3 * LONGEST_INVITE) throw bad(text, 'it is too long')
  const [, anyName = '', where, fingerprint] = PARTS.exec(unescaped(text).replaceAll(/\s/g, '')) ?? []
  const name = anyName.toLowerCase()
  if (where === undefined || fingerprint === undefined || !isName(name))
    throw bad(text, 'it is not of the form chat:NAME@HOST:PORT#FINGERPRINT')
  const directory = readDirectory(text, where)
  if (directory.port === 0) throw bad(text, 'nobody listens on port 0')
  if (directory.host.includes('%')) throw bad(text, 'its address only works on one machine')
  return { name, directory, fingerprint: Buffer.from(fingerprint, 'base64').toString('base64url') }
}

/** The text before a program escaped it as part of a web address (RFC 3986, section 2.1). */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function readDirectory(text: string, where: string): Address {
  try {
    const { host, port } = parseAddress(where.replace(/:0+(?=\d+$)/, ':'))
    return { host: host.replace(/\.$/, ''), port }
  } catch (cause) {
    throw bad(text, `${JSON.stringify(where)} is not HOST:PORT`, { cause })
  }
}

function bad(text: string, why: string, options?: { cause?: unknown; hint?: string }): ChatError {
  return new ChatError('bad-invite', `${JSON.stringify(text.slice(0, LONGEST_HOST))} is not an invite: ${why}`, options)
}
