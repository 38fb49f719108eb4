import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { readOwnFile } from './own-files.ts'

/** One line of a file about peers, with the peer that it describes: none for comments and blank lines. */
export interface PeerLine<Peer> {
  readonly text: string
  readonly peer: Peer | null
}

/** How a line describes a peer: its name, then further words. */
export interface PeerLineFormat<Peer> {
  /** The content of the file, for errors: "the known peers". */
  readonly what: string
  /** @throws {ChatError} when the words after the name are invalid */
  readonly read: (name: string, words: readonly string[]) => Peer
  /** The words after the name. */
  readonly write: (peer: Peer) => readonly string[]
}

/** A text file about peers that people may read and edit, and that other programs of the same user write too. */
export interface PeerFile<Peer> {
  /**
   * The current content, including our own updates; nothing when there is no file.
   *
   * @throws {ChatError} `bad-known-peers`, `unreadable`
   */
  read(): Promise<Peer[]>
  /**
   * Changes the content at that moment. An update that changes nothing neither locks nor writes the file.
   *
   * @param change returns the new lines, or the same array to leave the file as it is; may be called twice
   * @throws {ChatError} as read(), `unwritable`, `disk-full`, and what `change` throws
   */
  update(change: (lines: PeerLine<Peer>[]) => PeerLine<Peer>[]): Promise<void>
}

/** A byte order mark in UTF-8, one character for each byte. */
const BYTE_ORDER_MARK = /^\xef\xbb\xbf/

/** @param path in an existing folder */
export function peerFile<Peer extends { readonly name: string }>(
  path: string,
  format: PeerLineFormat<Peer>,
): PeerFile<Peer> {
  /** Settles once all updates so far are done. */
  let updated: Promise<unknown> = Promise.resolve()

  async function lines(): Promise<PeerLine<Peer>[]> {
    const content = await readOwnFile(path)
    // One character for each byte: comments in any encoding survive unchanged.
    return content === null ? [] : parsePeerLines(content.toString('latin1'), format)
  }

  async function composed(change: (lines: PeerLine<Peer>[]) => PeerLine<Peer>[]): Promise<Buffer | null> {
    const before = await lines()
    const after = change(before)
    return after === before ? null : Buffer.from(after.map(({ text }) => `${text}\n`).join(''), 'latin1')
  }

  async function replace(change: (lines: PeerLine<Peer>[]) => PeerLine<Peer>[]): Promise<void> {
    if ((await composed(change)) !== null) await replaceFile(path, () => composed(change))
  }

  return {
    async read() {
      await updated
      return peersIn(await lines())
    },
    update(change) {
      const update = replace(change)
      updated = Promise.allSettled([updated, update])
      return update
    },
  }
}

/** The peers that the lines describe. */
export function peersIn<Peer>(lines: readonly PeerLine<Peer>[]): Peer[] {
  return lines.flatMap(({ peer }) => (peer === null ? [] : [peer]))
}

/**
 * Parses the text of a file about peers: one on each line, no name twice, and comments that begin with #.
 *
 * @param text one character for each byte
 * @throws {ChatError} `bad-known-peers`, with the number of the first line that is invalid or repeats a name
 */
export function parsePeerLines<Peer extends { readonly name: string }>(
  text: string,
  { what, read }: PeerLineFormat<Peer>,
): PeerLine<Peer>[] {
  const texts = text.split('\n')
  // A final line break does not begin another line.
  if (texts.at(-1) === '') texts.pop()
  const names = new Set<string>()
  return texts.map((text, index) => {
    const line = (index === 0 ? text.replace(BYTE_ORDER_MARK, '') : text).trim()
    if (line === '' || line.startsWith('#')) return { text, peer: null }
    try {
      const [name = '', ...words] = line.split(/\s+/)
      const peer = read(checkName(name), words)
      if (names.has(name)) throw new ChatError('bad-name', `${name} already has a line`)
      names.add(name)
      return { text, peer }
    } catch (cause) {
      rethrowUnless(cause)
      throw new ChatError('bad-known-peers', `line ${index + 1} of ${what}: ${cause.message}`, { cause })
    }
  })
}

/** Formats the line of a peer. */
export function peerLine<Peer extends { readonly name: string }>(
  peer: Peer,
  { write }: PeerLineFormat<Peer>,
): PeerLine<Peer> {
  return { text: [peer.name, ...write(peer)].join(' '), peer }
}
