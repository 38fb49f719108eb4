import { KEY_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { expandLabel } from '@p2p-secure-chat/core/cipher/hkdf'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { wipe } from '@p2p-secure-chat/core/cipher/wipe'

/** Bytes of a traffic secret, from which all keys of one direction come. */
export const SECRET_BYTES = 32

interface Wipeable {
  wipe(): void
}

/** What one direction uses from one key update to the next. */
export interface Epoch<Cipher extends Wipeable> {
  readonly secret: Uint8Array
  readonly macKey: Uint8Array
  readonly cipher: Cipher
}

/**
 * Derives the keys of a traffic secret (docs/protocol.md, Record keys).
 *
 * @param secret 32 bytes; they belong to the epoch from here on
 * @param cipherOf sets up AES-256-CBC for one direction; the key is wiped as soon as the cipher has expanded it
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
 * The epoch after a key update. There is no way back: the old secret is wiped, so whoever breaks into this computer
 * later cannot compute the keys of what was sent before.
 */
export function nextEpoch<Cipher extends Wipeable>(
  epoch: Epoch<Cipher>,
  cipherOf: (key: Uint8Array) => Cipher,
): Epoch<Cipher> {
  const secret = expandLabel(epoch.secret, 'p2p-secure-chat peer-aes/1 key update', SECRET_BYTES)
  wipeEpoch(epoch)
  return startEpoch(secret, cipherOf)
}

/** Zeroes the keys. Once. */
export function wipeEpoch({ secret, macKey, cipher }: Epoch<Wipeable>): void {
  wipe(secret, macKey)
  cipher.wipe()
}
