import type { KeyObject } from 'node:crypto'
import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { publicKeyToBytes } from './ed25519-key.ts'
import { fingerprint } from './fingerprint.ts'
import type { Peer } from './peer.ts'
import { sign } from './signature.ts'

/** Who we are: a peer whose private key we hold. */
export interface Identity extends Peer {
  readonly fingerprint: string
  /** Ed25519 over bytes that signed() made; 64 bytes. */
  sign(data: Uint8Array): Uint8Array
}

/**
 * @param privateKey an Ed25519 private key; it stays inside node:crypto and cannot be asked for
 * @throws {ChatError} `bad-name`
 */
export function identityOf(name: string, privateKey: KeyObject): Identity {
  const key = publicKeyToBytes(privateKey)
  return { name: checkName(name), key, fingerprint: fingerprint(key), sign: data => sign(privateKey, data) }
}
