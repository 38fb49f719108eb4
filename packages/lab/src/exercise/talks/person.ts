import { createPrivateKey } from 'node:crypto'
import { type Identity, identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import type { Variant } from '../variant.ts'

/** What DER puts in front of an Ed25519 seed to make a private key of it (RFC 8410, section 7). */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')

const SEED_BYTES = 32

/** Somebody of an exercise, whose key anybody can compute who has the seed: it is worth nothing outside. */
export function personOf(variant: Variant, name: string): Identity {
  const seed = variant.random(`identity of ${name}`)(SEED_BYTES)
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' })
  return identityOf(name, key)
}
