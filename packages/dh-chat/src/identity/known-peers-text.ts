import { ChatError } from '@p2p-secure-chat/core/errors'
import { publicKeyFromText, publicKeyToText } from './ed25519-key.ts'
import type { Peer } from './peer.ts'
import type { PeerLineFormat } from './peer-lines.ts'

/** A peer whose key we remember. */
export interface KnownPeer extends Peer {
  /**
   * `new`: the key is pinned, and no conversation with it was open yet; `known`: one was; `verified`: a person compared
   * the safety number. Said of this name together with this key.
   */
  readonly identity: 'new' | 'known' | 'verified'
}

const EXPECTED = 'expected: name ed25519 KEY [new|verified]'

/** A line is `name ed25519 KEY [new|verified]`, with the key in base64url; without a mark it is `known`. */
export const knownPeersFormat: PeerLineFormat<KnownPeer> = {
  what: 'the known peers',
  read(name, [kind, key = '', mark, ...more]) {
    if (kind !== 'ed25519' || more.length > 0) throw new ChatError('bad-known-peers', EXPECTED)
    if (mark !== undefined && mark !== 'new' && mark !== 'verified') throw new ChatError('bad-known-peers', EXPECTED)
    return { name, key: publicKeyFromText(key), identity: mark ?? 'known' }
  },
  write: ({ key, identity }) => ['ed25519', publicKeyToText(key), ...(identity === 'known' ? [] : [identity])],
}
