import { createHash, createPrivateKey } from 'node:crypto'
import { type Identity, identityOf } from '../../src/identity/identity.ts'

/** What DER puts in front of an Ed25519 seed to make a private key of it (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The 32 bytes that somebody's private key in tests is made of. */
export function seedOf(name: string): Uint8Array {
  return createHash('sha256').update(`identity of ${name}`).digest()
}

/** Somebody who has the same key in every run. `key` tells apart those who use another one's name. */
export function person(name: string, key = name): Identity {
  const der = Buffer.concat([PKCS8_HEADER, seedOf(key)])
  return identityOf(name, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
}

export const alice = person('alice')
export const bob = person('bob')
export const carol = person('carol')
export const mallory = person('mallory')
