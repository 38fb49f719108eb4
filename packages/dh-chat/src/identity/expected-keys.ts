import { ChatError } from '@p2p-secure-chat/core/errors'
import { fingerprint } from './ed25519-key.ts'
import type { KnownPeers } from './known-peers.ts'

/** Known peers, and the keys that invites announced. */
export interface ExpectedKeys extends KnownPeers {
  /**
   * Accepts only the key with this fingerprint under this name, until the client ends or the name is forgotten.
   *
   * @throws {ChatError} `key-changed` when another key is remembered for the name; `bad-known-peers`, `unreadable`
   */
  expect(name: string, fingerprint: string): Promise<void>
}

/**
 * Adds the keys of invites to the keys that we remember. The key of an invite counts as known but not as verified: it is
 * only as trustworthy as the channel that carried the invite. Another key is refused where a changed key is, before the
 * peer learns who we are.
 */
export function expectedKeys(peers: KnownPeers): ExpectedKeys {
  const expected = new Map<string, string>()

  /** @throws {ChatError} `wrong-peer` */
  function check(name: string, key: Uint8Array): void {
    const wanted = expected.get(name)
    const shown = fingerprint(key)
    if (wanted === undefined || wanted === shown) return
    throw new ChatError('wrong-peer', `a key other than the one in the invite (invited ${wanted}, shown ${shown})`, {
      peer: name,
      hint: `the directory or someone on the path is lying, or the invite is old: ask ${name} for a new one`,
    })
  }

  return {
    async expect(name, wanted) {
      const known = (await peers.list()).find(peer => peer.name === name)
      if (known !== undefined && fingerprint(known.key) !== wanted) {
        const remembered = fingerprint(known.key)
        throw new ChatError(
          'key-changed',
          `the invite of ${name} has a key other than the one remembered (remembered ${remembered}, invited ${wanted})`,
          {
            peer: name,
            hint: `ask ${name} over another channel; /forget ${name} in a chat only if they confirm a new key, then use the invite`,
          },
        )
      }
      expected.set(name, wanted)
    },

    async look(name, key) {
      const standing = await peers.look(name, key)
      check(name, key)
      if (standing.identity !== 'new' || !expected.has(name)) return standing
      return { identity: 'known', notices: [...standing.notices, `it is the key in the invite of ${name}`] }
    },

    async remember(name, key) {
      check(name, key)
      await peers.remember(name, key)
    },

    async opened(name, key) {
      check(name, key)
      await peers.opened(name, key)
    },

    async markVerified(name, key) {
      check(name, key)
      await peers.markVerified(name, key)
    },

    async forget(name) {
      const wasExpected = expected.delete(name)
      return (await peers.forget(name)) || wasExpected
    },

    list: () => peers.list(),
  }
}
