import { join } from 'node:path'
import { sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint, publicKeyFromText, publicKeyToText } from './ed25519-key.ts'
import type { ProvenPeer } from './identity.ts'
import { type PeerLineFormat, peerFile, peerLine, peersIn } from './peer-file.ts'

/** A peer whose key we remember. */
export interface KnownPeer extends ProvenPeer {
  /**
   * `new`: the key is pinned, but no conversation with it was ever open; `known`: one was; `verified`: a person compared
   * the safety number. It applies to this name together with this key.
   */
  readonly identity: 'new' | 'known' | 'verified'
}

/** What we know about a key under a name. */
export interface Standing {
  /** As in KnownPeer; also `new` for a key that is not pinned. */
  readonly identity: KnownPeer['identity']
  /** Warnings that a person must see. */
  readonly notices: readonly string[]
}

/** One user's own map from names to keys, independent of any directory. */
export interface KnownPeers {
  /**
   * What we know about this key under this name.
   *
   * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
   */
  look(name: string, key: Uint8Array): Promise<Standing>
  /**
   * Pins the key of a peer whom the user calls or whose call the user accepts: from now on no other key is valid under
   * this name. The peer stays `new` until opened(). Nothing changes when the key is already remembered.
   *
   * @throws {ChatError} as look(), and `unwritable`, `disk-full`
   */
  remember(name: string, key: Uint8Array): Promise<void>
  /**
   * Notes that a conversation with this key was open: a pinned key is `known` from now on. A key that is not pinned
   * stays unknown.
   *
   * @throws {ChatError} as remember()
   */
  opened(name: string, key: Uint8Array): Promise<void>
  /**
   * Notes that a person compared the safety number for exactly this pair of name and key.
   *
   * @throws {ChatError} as remember()
   */
  markVerified(name: string, key: Uint8Array): Promise<void>
  /**
   * Forgets the key of a name, verified or not.
   *
   * @returns whether there was one
   * @throws {ChatError} `bad-known-peers`, `unreadable`, `unwritable`, `disk-full`
   */
  forget(name: string): Promise<boolean>
  /** All peers in the order of the file. @throws {ChatError} `bad-known-peers`, `unreadable` */
  list(): Promise<KnownPeer[]>
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

/**
 * The peers of NAME in HOME/NAME/known_peers, a text file that people may read and edit. Other programs of the same user
 * write it too, so every call reads it again, and a change applies to its content at that moment.
 *
 * @param home the folder that holds one folder for each name; ours must exist, as it does once we have an identity
 */
export function knownPeers(home: string, name: string): KnownPeers {
  const file = peerFile(join(home, name, 'known_peers'), knownPeersFormat)

  /** @param change maps the remembered identity to the new one; null leaves it as it is */
  function write(
    name: string,
    key: Uint8Array,
    change: (before: KnownPeer['identity'] | null) => KnownPeer['identity'] | null,
  ): Promise<void> {
    return file.update(lines => {
      const before = find(peersIn(lines), name, key)
      const identity = change(before?.identity ?? null)
      if (identity === null) return lines
      const written = peerLine({ name, key, identity }, knownPeersFormat)
      return before === null ? [...lines, written] : lines.map(line => (line.peer === before ? written : line))
    })
  }

  return {
    async look(name, key) {
      const peers = await file.read()
      const known = find(peers, name, key)
      const elsewhere = peers.filter(peer => peer.name !== name && sameBytes(peer.key, key))
      return {
        identity: known?.identity ?? 'new',
        notices: elsewhere.map(peer => `${name} has the key that you know as ${peer.name}`),
      }
    },
    remember: (name, key) => write(name, key, before => (before === null ? 'new' : null)),
    opened: (name, key) => write(name, key, before => (before === 'new' ? 'known' : null)),
    markVerified: (name, key) => write(name, key, before => (before === 'verified' ? null : 'verified')),
    async forget(name) {
      let found = false
      await file.update(lines => {
        const rest = lines.filter(({ peer }) => peer?.name !== name)
        found = rest.length < lines.length
        return found ? rest : lines
      })
      return found
    },
    list: () => file.read(),
  }
}

/**
 * The peer of that name, null when there is none.
 *
 * @throws {ChatError} `key-changed` when another key is remembered for the name
 */
function find(peers: readonly KnownPeer[], name: string, key: Uint8Array): KnownPeer | null {
  const known = peers.find(peer => peer.name === name)
  if (known === undefined) return null
  if (sameBytes(known.key, key)) return known
  throw new ChatError(
    'key-changed',
    `a key other than the one remembered${known.identity === 'verified' ? ' and verified' : ''} ` +
      `(remembered ${fingerprint(known.key)}, shown ${fingerprint(key)})`,
    { peer: name, hint: `ask ${name} over another channel; /forget ${name} in a chat only if they confirm a new key` },
  )
}
