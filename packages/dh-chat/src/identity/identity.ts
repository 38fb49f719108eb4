import type { KeyObject } from 'node:crypto'
import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { deriveKey } from './derived-key.ts'
import { publicKeyToBytes } from './ed25519-key.ts'
import { fingerprint } from './fingerprint.ts'
import type { Peer } from './peer.ts'
import { sign } from './signature.ts'

/** Who we are: a peer whose private key we hold. */
export interface Identity extends Peer {
  readonly fingerprint: string
  /** Ed25519 over bytes that signed() made; 64 bytes. */
  sign(data: Uint8Array): Uint8Array
  /** A secret of 32 bytes for one purpose of our own, which the label names; it belongs to the caller, who wipes it. */
  deriveKey(label: string): Uint8Array
}

/**
 * @param privateKey an Ed25519 private key; it can not be asked for: what leaves are signatures, and keys derived from it
 * @throws {ChatError} `bad-name`
 */
export function identityOf(name: string, privateKey: KeyObject): Identity {
  const key = publicKeyToBytes(privateKey)
  return {
    name: checkName(name),
    key,
    fingerprint: fingerprint(key),
    sign: data => sign(privateKey, data),
    deriveKey: label => deriveKey(privateKey, label),
  }
}
