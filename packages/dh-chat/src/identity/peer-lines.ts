import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'

/** One line of a file about peers: what it says of one, and the text that says it. Comments and blank lines say nothing. */
export interface PeerLine<Peer> {
  readonly text: string
  readonly peer: Peer | null
}

/** How a file says something of a peer: its name, and then words. */
export interface PeerLineFormat<Peer> {
  /** What the file is about, for errors: "the known peers". */
  readonly what: string
  /** @throws {ChatError} what is wrong with the words behind the name */
  readonly read: (name: string, words: readonly string[]) => Peer
  /** The words behind the name. */
  readonly write: (peer: Peer) => readonly string[]
}

/** A byte order mark in UTF-8, of which each byte is a character here. */
const BYTE_ORDER_MARK = /^\xef\xbb\xbf/

/**
 * Reads the text of a file about peers: one on each line, no name twice, and comments that begin with #.
 *
 * @param text one character for each byte
 * @throws {ChatError} `bad-known-peers`, with the number of the line that is none of these or names a peer again
 */
export function parsePeerLines<Peer extends { readonly name: string }>(
  text: string,
  { what, read }: PeerLineFormat<Peer>,
): PeerLine<Peer>[] {
  const texts = text.split('\n')
  // What follows the last line's end is no line, unless somebody forgot that end.
  if (texts.at(-1) === '') texts.pop()
  const names = new Set<string>()
  return texts.map((text, index) => {
    const line = (index === 0 ? text.replace(BYTE_ORDER_MARK, '') : text).trim()
    if (line === '' || line.startsWith('#')) return { text, peer: null }
    try {
      const [name = '', ...words] = line.split(/\s+/)
      const peer = read(checkName(name), words)
      if (names.has(name)) throw new ChatError('bad-name', `${name} has a line already`)
      names.add(name)
      return { text, peer }
    } catch (cause) {
      rethrowUnless(cause)
      throw new ChatError('bad-known-peers', `line ${index + 1} of ${what}: ${cause.message}`, { cause })
    }
  })
}

/** Writes the line of a peer. */
export function peerLine<Peer extends { readonly name: string }>(
  peer: Peer,
  { write }: PeerLineFormat<Peer>,
): PeerLine<Peer> {
  return { text: [peer.name, ...write(peer)].join(' '), peer }
}
