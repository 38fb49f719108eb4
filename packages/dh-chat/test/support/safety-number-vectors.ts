import { fingerprint } from '../../src/identity/ed25519-key.ts'
import type { ProvenPeer } from '../../src/identity/identity.ts'
import { safetyNumber } from '../../src/identity/safety-number.ts'
import { alice, bob, carol, mallory, person } from './people.ts'

/** Two peers in no particular order; keys in hex. */
export interface SafetyNumberVector {
  readonly name: string
  readonly peers: readonly { readonly name: string; readonly key: string; readonly fingerprint: string }[]
  readonly safetyNumber: string
}

function vector(name: string, one: ProvenPeer, other: ProvenPeer): SafetyNumberVector {
  const peers = [one, other].map(peer => ({
    name: peer.name,
    key: Buffer.from(peer.key).toString('hex'),
    fingerprint: fingerprint(peer.key),
  }))
  return { name, peers, safetyNumber: safetyNumber(one, other) }
}

export function safetyNumberVectors(): SafetyNumberVector[] {
  return [
    vector('alice and bob', alice, bob),
    vector('the same from the other side', bob, alice),
    vector('somebody else in the name of bob', alice, person('bob', 'mallory')),
    vector('bob under another name', alice, person('robert', 'bob')),
    vector('the longest and the shortest name', person('c'.repeat(32), 'carol'), person('m', 'mallory')),
    vector('carol and mallory', carol, mallory),
  ]
}
