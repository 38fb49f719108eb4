import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { type PeerLine, type PeerLineFormat, parsePeerLines } from './peer-lines.ts'
import { readOwnFile } from './read-own-file.ts'

/** A text file about peers that people may read and edit, and other programs of the same user write too. */
export interface PeerFile<Peer> {
  /** What is in it now; nothing where there is no file. @throws {ChatError} `bad-known-peers`, `unreadable` */
  read(): Promise<Peer[]>
  /**
   * Changes what is in it at that moment.
   *
   * @param change returns the new lines, or the same array where nothing is to be written
   * @throws {ChatError} as read(), `unwritable`, `disk-full`, and what `change` throws
   */
  update(change: (lines: PeerLine<Peer>[]) => PeerLine<Peer>[]): Promise<void>
}

/** @param path in a folder that exists */
export function peerFile<Peer extends { readonly name: string }>(
  path: string,
  format: PeerLineFormat<Peer>,
): PeerFile<Peer> {
  async function lines(): Promise<PeerLine<Peer>[]> {
    const content = await readOwnFile(path)
    // One character for each byte: comments in any encoding come back out as they went in.
    return content === null ? [] : parsePeerLines(content.toString('latin1'), format)
  }

  return {
    read: async () => peersIn(await lines()),
    async update(change) {
      await replaceFile(path, async () => {
        const before = await lines()
        const after = change(before)
        return after === before ? null : Buffer.from(after.map(({ text }) => `${text}\n`).join(''), 'latin1')
      })
    },
  }
}

/** Whom lines speak of. */
export function peersIn<Peer>(lines: readonly PeerLine<Peer>[]): Peer[] {
  return lines.flatMap(({ peer }) => (peer === null ? [] : [peer]))
}
