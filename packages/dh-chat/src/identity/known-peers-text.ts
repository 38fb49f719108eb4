import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { publicKeyFromText, publicKeyToText } from './ed25519-key.ts'
import type { Peer } from './peer.ts'

/** A peer whose key we remember. */
export interface KnownPeer extends Peer {
  /** Whether a person compared the safety number; said of this name together with this key. */
  readonly verified: boolean
}

/** One line of the file: what it says of a peer, and the text that says it. Comments and blank lines say nothing. */
export interface Line {
  readonly text: string
  readonly peer: KnownPeer | null
}

/**
 * Reads the text of a known peers file: a peer on each line, `name ed25519 KEY [verified]` with the key in base64url,
 * and comments that begin with #.
 *
 * @throws {ChatError} `bad-known-peers`, with the number of the line that is none of these or names a peer again
 */
export function parseKnownPeers(text: string): Line[] {
  const texts = text.split('\n')
  // What follows the last line's end is no line, unless somebody forgot that end.
  if (texts.at(-1) === '') texts.pop()
  const names = new Set<string>()
  return texts.map((text, index) => {
    try {
      const peer = parseLine(text)
      if (peer !== null && names.has(peer.name)) throw new ChatError('bad-name', `${peer.name} has a line already`)
      if (peer !== null) names.add(peer.name)
      return { text, peer }
    } catch (cause) {
      if (!(cause instanceof ChatError)) throw cause
      throw new ChatError('bad-known-peers', `line ${index + 1} of the known peers: ${cause.message}`, { cause })
    }
  })
}

function parseLine(text: string): KnownPeer | null {
  const line = text.trim()
  if (line === '' || line.startsWith('#')) return null
  const [name = '', kind, key = '', mark, ...more] = line.split(/\s+/)
  if (kind !== 'ed25519' || (mark !== undefined && mark !== 'verified') || more.length > 0) {
    throw new ChatError('bad-known-peers', 'expected: name ed25519 KEY [verified]')
  }
  return { name: checkName(name), key: publicKeyFromText(key), verified: mark === 'verified' }
}

/** Writes the line of a peer. */
export function lineOf(peer: KnownPeer): Line {
  const words = [peer.name, 'ed25519', publicKeyToText(peer.key), ...(peer.verified ? ['verified'] : [])]
  return { text: words.join(' '), peer }
}

export function formatKnownPeers(lines: readonly Line[]): string {
  return lines.map(({ text }) => `${text}\n`).join('')
}
