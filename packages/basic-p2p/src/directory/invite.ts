import { ChatError } from '@p2p-secure-chat/core/errors'
import { type Address, formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'

/** All it takes to reach somebody and to know that it is them. */
export interface Invite {
  readonly name: string
  /** The directory where that name is online. */
  readonly directory: Address
  /** SHA-256 of the key that must answer, base64url, 43 characters. */
  readonly fingerprint: string
}

const SCHEME = 'chat:'

/** No name of a host is longer (RFC 1035, section 2.3.4), and so no invite longer than 340 characters. */
const LONGEST_HOST = 253

const INVITE = new RegExp(`^${SCHEME}([a-z0-9][a-z0-9._-]{0,31})@([\\w.:[\\]-]{1,${LONGEST_HOST + 6}})#([\\w-]{43})$`)

/** Whether somebody meant this text as an invite: no name has a colon in it. */
export function isInvite(text: string): boolean {
  return text.startsWith(SCHEME)
}

/** Writes `chat:name@host:port#fingerprint`, an IPv6 host in brackets. */
export function formatInvite({ name, directory, fingerprint }: Invite): string {
  return `${SCHEME}${name}@${formatAddress(directory)}#${fingerprint}`
}

/**
 * Reads an invite, strictly: each one has exactly one spelling, so that two people who compare theirs see the same.
 *
 * @throws {ChatError} `bad-invite`
 */
export function parseInvite(text: string): Invite {
  const [, name, where, fingerprint] = INVITE.exec(text) ?? []
  if (name === undefined || where === undefined || fingerprint === undefined) throw bad(text, 'it has another form')
  const invite = { name, directory: readDirectory(text, where), fingerprint }
  if (invite.directory.port === 0) throw bad(text, 'nobody listens on port 0')
  if (Buffer.from(fingerprint, 'base64url').toString('base64url') !== fingerprint) {
    throw bad(text, 'its fingerprint is no SHA-256 in base64url')
  }
  if (formatInvite(invite) !== text) throw bad(text, 'its address is written in another way than usual')
  return invite
}

function readDirectory(text: string, where: string): Address {
  try {
    return parseAddress(where)
  } catch (cause) {
    throw bad(text, `${JSON.stringify(where)} is not HOST:PORT`, cause)
  }
}

function bad(text: string, why: string, cause?: unknown): ChatError {
  return new ChatError('bad-invite', `${JSON.stringify(text.slice(0, LONGEST_HOST))} is no invite: ${why}`, { cause })
}
