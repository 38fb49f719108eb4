import { createHash } from 'node:crypto'

/**
 * The short form of a key that people and invitations carry: base64url of its SHA-256, 43 characters, never shortened.
 *
 * @param key the raw 32-byte public key
 */
export function fingerprint(key: Uint8Array): string {
  return createHash('sha256').update(key).digest('base64url')
}
