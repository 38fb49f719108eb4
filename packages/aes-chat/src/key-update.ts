import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { KEY_UPDATE } from './messages.ts'

/** Says, as the last frame of a batch, that the next record of this direction uses the next secret. */
export const KEY_UPDATE_FRAME = encodeFrame(KEY_UPDATE.message({}))

/** A batch as it was received, and whether a key update stood at its end. */
export interface ReceivedBatch {
  /** The frames without the key update. */
  readonly frames: Uint8Array
  readonly update: boolean
}

/**
 * Walks the frames of a batch to its end and takes a key update off it. The end alone would not tell: a text may end in
 * the same five bytes.
 *
 * @returns null when the batch is not whole frames, or when a key update has a body, is not the last frame or is the only one
 */
export function takeKeyUpdate(batch: Uint8Array): ReceivedBatch | null {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  let at = 0
  while (at < batch.length) {
    if (batch.length - at < HEADER_BYTES) return null
    const length = view.getUint32(at)
    const end = at + HEADER_BYTES - 1 + length
    if (length === 0 || end > batch.length) return null
    if (view.getUint8(at + HEADER_BYTES - 1) === KEY_UPDATE.type) {
      const allowed = length === 1 && end === batch.length && at > 0
      return allowed ? { frames: batch.subarray(0, at), update: true } : null
    }
    at = end
  }
  return { frames: batch, update: false }
}
