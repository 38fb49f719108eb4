import { checkName } from '@p2p-secure-chat/basic-p2p/directory/name'
import { keystream } from '@p2p-secure-chat/core/cipher/keystream'
import { MAC_BYTES, mac, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, signed, verify } from '../identity/ed25519-key.ts'
import type { Identity, ProvenPeer } from '../identity/identity.ts'
import type { IdentityKeys, SecureProtocol } from './key-schedule.ts'
import type { Transcript } from './transcript.ts'
import { IDENTITY } from '../messages.ts'

/** A name is padded to its largest size, so that its length stays secret. */
const NAME_ROOM = 32

/** u8 length of the name | name, padded | key | signature | mac */
export const KEY_AT = 1 + NAME_ROOM
export const SIGNATURE_AT = KEY_AT + PUBLIC_KEY_BYTES
export const MAC_AT = SIGNATURE_AT + SIGNATURE_BYTES
export const PLAINTEXT_BYTES = MAC_AT + MAC_BYTES

/** The place of an IDENTITY: everything in it is bound to that. */
export interface IdentityPlace {
  readonly protocol: SecureProtocol
  /** The side whose identity it is. */
  readonly role: Role
  readonly keys: IdentityKeys
  /** Everything said before it. */
  readonly transcript: Transcript
}

/** The parts of an identity that go into the message. */
export type Signer = Pick<Identity, 'name' | 'key' | 'sign'>

/** The 161 bytes with which one side proves its identity (docs/protocol.md, IDENTITY). */
export function identityPlaintext(place: IdentityPlace, identity: Signer): Uint8Array {
  const plaintext = new Uint8Array(PLAINTEXT_BYTES)
  const name = Buffer.from(identity.name)
  plaintext[0] = name.length
  plaintext.set(name, 1)
  plaintext.set(identity.key, KEY_AT)
  const who = plaintext.subarray(0, SIGNATURE_AT)
  const signature = identity.sign(toBeSigned(place, who))
  plaintext.set(signature, SIGNATURE_AT)
  plaintext.set(identityMac(place, plaintext), MAC_AT)
  return plaintext
}

/** Proves our identity to the other side only: encrypted, then tagged. */
export function sealIdentity(place: IdentityPlace, identity: Signer): Message {
  const ciphertext = keystream(place.keys.encryption).xor(identityPlaintext(place, identity))
  return { type: IDENTITY.type, body: Buffer.concat([ciphertext, mac(place.keys.tag, ciphertext)]) }
}

/**
 * Reads and checks the other side's IDENTITY: its tag first, so that nothing forged is ever decrypted, then name and MAC,
 * and last the key and the signature, which cost most.
 *
 * @returns the name and key that the signature proves
 * @throws {ChatError} `handshake-failed`, `bad-name`, `bad-key`
 */
export function openIdentity(place: IdentityPlace, { body }: Message): ProvenPeer {
  const plaintext = decryptIdentity(place.keys, body)
  if (plaintext === null) throw refused('its tag is wrong')
  return checkIdentity(place, plaintext)
}

/**
 * @param body 193 bytes
 * @returns the 161 bytes of the plaintext, still unchecked; null when the tag is wrong
 */
export function decryptIdentity(keys: IdentityKeys, body: Uint8Array): Uint8Array | null {
  const ciphertext = body.subarray(0, PLAINTEXT_BYTES)
  if (!sameBytes(body.subarray(PLAINTEXT_BYTES), mac(keys.tag, ciphertext))) return null
  return keystream(keys.encryption).xor(ciphertext)
}

/** The MAC that a plaintext must carry at that place: 32 bytes. */
export function identityMac({ keys, transcript }: IdentityPlace, plaintext: Uint8Array): Uint8Array {
  return mac(keys.mac, transcript.hash(plaintext.subarray(0, MAC_AT)))
}

/**
 * The second half of openIdentity: everything that the plaintext must prove.
 *
 * @throws {ChatError} as openIdentity
 */
export function checkIdentity(place: IdentityPlace, plaintext: Uint8Array): ProvenPeer {
  const name = readName(plaintext.subarray(0, KEY_AT))
  const key = plaintext.subarray(KEY_AT, SIGNATURE_AT)
  const who = plaintext.subarray(0, SIGNATURE_AT)
  const signature = plaintext.subarray(SIGNATURE_AT, MAC_AT)
  if (!sameBytes(plaintext.subarray(MAC_AT), identityMac(place, plaintext)))
    throw refused('it belongs to another exchange')
  if (!verify(key, toBeSigned(place, who), signature)) throw refused('its signature is wrong')
  return { name, key }
}

function toBeSigned({ protocol, role, transcript }: IdentityPlace, who: Uint8Array): Uint8Array {
  return signed(`p2p-secure-chat ${protocol} ${role} signature`, transcript.hash(who))
}

function readName(field: Uint8Array): string {
  const end = 1 + (field[0] ?? 0)
  if (end > field.length || field.subarray(end).some(byte => byte !== 0)) throw refused('its name is malformed')
  return checkName(Buffer.from(field.subarray(1, end)).toString('latin1'))
}

function refused(reason: string): ChatError {
  return new ChatError('handshake-failed', `the other side's identity is invalid: ${reason}`)
}
