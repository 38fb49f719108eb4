import { join } from 'node:path'
import { type BlockedPeer, type BlockedPeers, isOn } from '@p2p-secure-chat/basic-p2p/chat/blocked-peers'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint } from './ed25519-key.ts'
import type { KnownPeers } from './known-peers.ts'
import { peerFile, peerLine, type PeerLineFormat } from './peer-file.ts'

const SHA256 = /^[\w-]{43}$/

/** A line is `name` or `name sha256 FINGERPRINT`. */
const format: PeerLineFormat<BlockedPeer> = {
  what: 'the blocked peers',
  read(name, words) {
    const [kind, value, ...more] = words
    if (kind === undefined) return { name, fingerprint: null }
    // Each fingerprint has exactly one spelling.
    const canonical = Buffer.from(value ?? '', 'base64url').toString('base64url')
    if (kind !== 'sha256' || value !== canonical || !SHA256.test(value) || more.length > 0) {
      throw new ChatError('bad-known-peers', 'expected: name [sha256 FINGERPRINT]')
    }
    return { name, fingerprint: value }
  },
  write: ({ fingerprint }) => (fingerprint === null ? [] : ['sha256', fingerprint]),
}

/**
 * The peers that NAME has blocked, in HOME/NAME/blocked: a text file like known_peers, and like it read again for every
 * call. A block lasts until the user lifts it.
 *
 * @param home the folder that holds one folder for each name; ours must exist, as it does once we have an identity
 */
export function blockedPeers(home: string, name: string, knownPeers: KnownPeers): BlockedPeers {
  const file = peerFile(join(home, name, 'blocked'), format)

  async function keyOf(peer: string): Promise<string | null> {
    const known = (await knownPeers.list()).find(one => one.name === peer)
    return known === undefined ? null : fingerprint(known.key)
  }

  return {
    blocks: async (peer, shown) => isOn(await file.read(), peer, shown),
    async block(peer, shown) {
      let key = shown ?? (await keyOf(peer))
      await file.update(lines => {
        const before = lines.find(line => line.peer?.name === peer)?.peer ?? null
        key ??= before?.fingerprint ?? null
        if (before?.fingerprint === key) return lines
        return [...lines.filter(line => line.peer?.name !== peer), peerLine({ name: peer, fingerprint: key }, format)]
      })
      return key
    },
    async unblock(peer) {
      let found = false
      await file.update(lines => {
        const rest = lines.filter(line => line.peer?.name !== peer)
        found = rest.length < lines.length
        return found ? rest : lines
      })
      return found
    },
    list: () => file.read(),
  }
}
