import type { PeerSecurity } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, test } from 'vitest'
import { RINGS_OF_A_PEER, RINGS_OF_STRANGERS, ringLimit } from '../../src/chat/call-policy.ts'

function caller(peer: string, fingerprint: string | null, identity: PeerSecurity['identity']): PeerSecurity {
  return {
    protocol: 'peer-aes/1',
    peer,
    confidential: true,
    integrity: true,
    identity,
    fingerprint,
    safetyNumber: null,
    precedes: false,
    notices: [],
    remember: () => Promise.resolve(),
    opened: () => Promise.resolve(),
    verify: () => Promise.resolve(),
  }
}

const rung = (callers: readonly PeerSecurity[], mayRing: (caller: PeerSecurity) => boolean) =>
  callers.filter(caller => mayRing(caller)).length
const repeated = (count: number, make: (i: number) => PeerSecurity) => Array.from({ length: count }, (_, i) => make(i))

test('somebody may ring a few times, and then once in a while', () => {
  let time = 0
  const mayRing = ringLimit(() => time)
  const bob = repeated(100, () => caller('bob', 'key', 'known'))
  expect(rung(bob, mayRing)).toBe(RINGS_OF_A_PEER.burst)
  time += 2 * RINGS_OF_A_PEER.interval
  expect(rung(bob, mayRing)).toBe(2)
})

test('a key counts under all its names, and where there are no keys, a name', () => {
  const mayRing = ringLimit(() => 0)
  expect(
    rung(
      repeated(100, i => caller(`name${i}`, 'key', 'known')),
      mayRing,
    ),
  ).toBe(RINGS_OF_A_PEER.burst)
  expect(
    rung(
      repeated(100, () => caller('mallory', null, 'none')),
      mayRing,
    ),
  ).toBe(RINGS_OF_A_PEER.burst)
})

test.each(['new', 'none'] as const)('strangers (%s) share what they have, and leave the others theirs', identity => {
  const mayRing = ringLimit(() => 0)
  const crowd = repeated(1_000, i => caller(`mallory${i}`, identity === 'new' ? `key${i}` : null, identity))
  expect(rung(crowd, mayRing)).toBe(RINGS_OF_STRANGERS.burst)
  expect(mayRing(caller('bob', 'bobs key', 'known'))).toBe(true)
})
