import { ChatError } from '@p2p-secure-chat/core/errors'
import { publicKeyFromText, publicKeyToText } from './ed25519-key.ts'
import type { Peer } from './peer.ts'
import type { PeerLineFormat } from './peer-lines.ts'

/** A peer whose key we remember. */
export interface KnownPeer extends Peer {
  /** Whether a person compared the safety number; said of this name together with this key. */
  readonly verified: boolean
}

/** A line is `name ed25519 KEY [verified]`, with the key in base64url. */
export const knownPeersFormat: PeerLineFormat<KnownPeer> = {
  what: 'the known peers',
  read(name, [kind, key = '', mark, ...more]) {
    if (kind !== 'ed25519' || (mark !== undefined && mark !== 'verified') || more.length > 0) {
      throw new ChatError('bad-known-peers', 'expected: name ed25519 KEY [verified]')
    }
    return { name, key: publicKeyFromText(key), verified: mark === 'verified' }
  },
  write: ({ key, verified }) => ['ed25519', publicKeyToText(key), ...(verified ? ['verified'] : [])],
}
