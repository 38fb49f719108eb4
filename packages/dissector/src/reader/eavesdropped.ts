import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { SeenFrame } from '../dissect/observation.ts'

/** Bytes of a record of the aes rung besides its ciphertext. */
const IV_AND_TAG_BYTES = 48

/** Bytes of a ciphertext that only say how long its plaintext is: the padding, and the length in front. */
const PADDING_BYTES = BLOCK_BYTES
const LENGTH_BYTES = 4

/** What a sealed message tells everybody on the path. */
export function eavesdropped({ name, spoken, bytes }: SeenFrame): string {
  const body = bytes.length - HEADER_BYTES
  if (name === 'IDENTITY') return 'somebody says who they are, in the same size for every name'
  if (spoken === 'peer-aes/1') {
    const bucket = body - IV_AND_TAG_BYTES - PADDING_BYTES
    return `at most ${size(bucket - LENGTH_BYTES)}, in the bucket of ${bucket}`
  }
  if (spoken === 'peer-dh/1') return `exactly ${size(body)}`
  return `at most ${size(bytes.length)}`
}

/** A number of bytes, in the same words everywhere. */
export function size(bytes: number): string {
  return `${bytes} bytes`
}
