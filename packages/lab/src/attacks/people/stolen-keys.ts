import { createHash, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { bigintFromBytes, bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { identityPath } from '@p2p-secure-chat/dh-chat/identity/identity-file'
import { parseIdentityPem } from '@p2p-secure-chat/dh-chat/identity/identity-pem'
import { otherSide, type Side } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { SeenHandshake } from '@p2p-secure-chat/dissector/exchange/evidence'

/** The private keys of both sides of a conversation. */
export type StolenKeys = Readonly<Record<Side, KeyObject>>

/** Reads the private key of somebody, as anybody can who has the file. @throws {Error} when it has a passphrase */
export async function readStolenKey(home: string, name: string): Promise<KeyObject> {
  const path = identityPath(home, name)
  const stolen = parseIdentityPem(await readFile(path, 'utf8'), path)
  if (stolen.encrypted) throw new Error(`${path} is encrypted`)
  return stolen.key
}

/**
 * All that the keys could be good for: the shared secrets that a handshake would have led to if a key of theirs had been
 * the exponent of its owner, in each way of reading an Ed25519 key as a number.
 *
 * @returns secrets as bytes of exactly the length of p
 */
export function secretsFrom(
  { group, publicValues }: Pick<SeenHandshake, 'group' | 'publicValues'>,
  keys: StolenKeys,
): Uint8Array[] {
  const { p, bytes } = namedGroup(group)
  return (['dialler', 'listener'] as const).flatMap(side =>
    numbersIn(keys[side]).map(exponent => bigintToBytes(modPow(publicValues[otherSide(side)], exponent, p), bytes)),
  )
}

/** The seed that is in the file, and the scalar that Ed25519 makes of it (RFC 8032, section 5.1.5). */
export function numbersIn(key: KeyObject): readonly [seed: bigint, scalar: bigint] {
  const seed = Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url')
  const scalar = createHash('sha512').update(seed).digest().subarray(0, 32)
  scalar.writeUInt8(scalar.readUInt8(0) & 0xf8, 0)
  scalar.writeUInt8((scalar.readUInt8(31) & 0x7f) | 0x40, 31)
  return [bigintFromBytes(seed), bigintFromBytes(scalar.toReversed())]
}
