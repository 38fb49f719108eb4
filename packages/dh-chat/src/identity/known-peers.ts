import { join } from 'node:path'
import { sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint } from './fingerprint.ts'
import { type KnownPeer, knownPeersFormat } from './known-peers-text.ts'
import { peerFile, peersIn } from './peer-file.ts'
import { peerLine } from './peer-lines.ts'

/** What we know of a key under a name. */
export interface Standing {
  /**
   * `new`: no conversation with this key under this name was open yet, even if the key is pinned; `known`: one was;
   * `verified`: a person compared safety numbers.
   */
  readonly identity: KnownPeer['identity']
  /** Remarks that a person must see. */
  readonly notices: readonly string[]
}

/** One map from names to keys that belongs to one user and asks no directory. */
export interface KnownPeers {
  /**
   * What we know of this key under this name.
   *
   * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
   */
  look(name: string, key: Uint8Array): Promise<Standing>
  /**
   * Pins the key of a peer that is called, or whose call a person takes: no other key passes under this name any more.
   * The peer stays `new` until opened(). Nothing changes where the key is remembered.
   *
   * @throws {ChatError} as look(), and `unwritable`, `disk-full`
   */
  remember(name: string, key: Uint8Array): Promise<void>
  /**
   * Notes that a conversation with this key was open: a pinned key is `known` from now on. A key that nobody pinned
   * stays forgotten.
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
  /** Everybody in the file, in its order. @throws {ChatError} `bad-known-peers`, `unreadable` */
  list(): Promise<KnownPeer[]>
}

/**
 * The peers of NAME in HOME/NAME/known_peers, a text file that people may read and edit. It is read again for every
 * question, and changes are made to what is in it at that moment: other programs of the same user write it too.
 *
 * @param home the folder that holds one folder for each name; ours must exist, as it does once we have an identity
 */
export function knownPeers(home: string, name: string): KnownPeers {
  const file = peerFile(join(home, name, 'known_peers'), knownPeersFormat)

  /** @param change what is to be remembered, by what is remembered already; null leaves that as it is */
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
 * The peer of that name, null where there is none.
 *
 * @throws {ChatError} `key-changed` when the name has another key than this one
 */
function find(peers: readonly KnownPeer[], name: string, key: Uint8Array): KnownPeer | null {
  const known = peers.find(peer => peer.name === name)
  if (known === undefined) return null
  if (sameBytes(known.key, key)) return known
  throw new ChatError(
    'key-changed',
    `another key than the one remembered${known.identity === 'verified' ? ' and verified' : ''} ` +
      `(remembered ${fingerprint(known.key)}, shown ${fingerprint(key)})`,
    { peer: name, hint: `ask ${name} over another channel; /forget ${name} in a chat only if they confirm a new key` },
  )
}
