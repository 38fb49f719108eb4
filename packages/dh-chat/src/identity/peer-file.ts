import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { type PeerLine, type PeerLineFormat, parsePeerLines } from './peer-lines.ts'
import { readOwnFile } from './read-own-file.ts'

/** A text file about peers that people may read and edit, and other programs of the same user write too. */
export interface PeerFile<Peer> {
  /**
   * What is in it now, our own updates included; nothing where there is no file.
   *
   * @throws {ChatError} `bad-known-peers`, `unreadable`
   */
  read(): Promise<Peer[]>
  /**
   * Changes what is in it at that moment. Where nothing is to be changed, nothing is locked or written.
   *
   * @param change returns the new lines, or the same array where nothing is to be written; may be called twice
   * @throws {ChatError} as read(), `unwritable`, `disk-full`, and what `change` throws
   */
  update(change: (lines: PeerLine<Peer>[]) => PeerLine<Peer>[]): Promise<void>
}

/** @param path in a folder that exists */
export function peerFile<Peer extends { readonly name: string }>(
  path: string,
  format: PeerLineFormat<Peer>,
): PeerFile<Peer> {
  /** Settles when the updates that have begun are over. */
  let updated: Promise<unknown> = Promise.resolve()

  async function lines(): Promise<PeerLine<Peer>[]> {
    const content = await readOwnFile(path)
    // One character for each byte: comments in any encoding come back out as they went in.
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

/** Whom lines speak of. */
export function peersIn<Peer>(lines: readonly PeerLine<Peer>[]): Peer[] {
  return lines.flatMap(({ peer }) => (peer === null ? [] : [peer]))
}
