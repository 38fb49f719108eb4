import { KEY_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { expandLabel } from '@p2p-secure-chat/core/cipher/hkdf'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'

/** Bytes of a traffic secret; all keys of one direction are derived from it. */
export const SECRET_BYTES = 32

interface Wipeable {
  wipe(): void
}

/** The keys of one direction from one key update to the next. */
export interface Epoch<Cipher extends Wipeable> {
  readonly secret: Uint8Array
  readonly macKey: Uint8Array
  readonly cipher: Cipher
}

/**
 * Derives the keys of a traffic secret (docs/protocol.md, Records on the aes rung).
 *
 * @param secret 32 bytes; the epoch owns them from here on
 * @param cipherOf sets up AES-256-CBC for one direction; the key is wiped once the cipher has expanded it
 */
export function startEpoch<Cipher extends Wipeable>(
  secret: Uint8Array,
  cipherOf: (key: Uint8Array) => Cipher,
): Epoch<Cipher> {
  const key = expandLabel(secret, 'p2p-secure-chat peer-aes/1 record encryption', KEY_BYTES)
  const macKey = expandLabel(secret, 'p2p-secure-chat peer-aes/1 record mac', MAC_BYTES)
  const cipher = cipherOf(key)
  wipe(key)
  return { secret, macKey, cipher }
}

/**
 * The epoch after a key update. The old secret is wiped and cannot be recomputed, so an attacker who breaks into this
 * computer later cannot derive the keys of earlier records.
 */
export function nextEpoch<Cipher extends Wipeable>(
  epoch: Epoch<Cipher>,
  cipherOf: (key: Uint8Array) => Cipher,
): Epoch<Cipher> {
  const secret = expandLabel(epoch.secret, 'p2p-secure-chat peer-aes/1 key update', SECRET_BYTES)
  wipeEpoch(epoch)
  return startEpoch(secret, cipherOf)
}

/** Zeroes the keys. Call it once. */
export function wipeEpoch({ secret, macKey, cipher }: Epoch<Wipeable>): void {
  wipe(secret, macKey)
  cipher.wipe()
}
