import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { KEY_UPDATE } from '@p2p-secure-chat/aes-chat/messages'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { type ReadMessage, readMessage } from './read-message.ts'

/** One frame of a batch. */
export interface BatchFrame {
  /** Its place in the batch. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly message: ReadMessage
}

/** What a batch is made of. */
export interface Batch {
  readonly frames: readonly BatchFrame[]
  /** Whether the frames fill it to its end. */
  readonly whole: boolean
  /** Whether the next record of this direction uses the next secret. */
  readonly keyUpdate: boolean
}

/** Cuts a batch into its frames, up to the first one that does not fit. */
export function readBatch(batch: Uint8Array, protocol: SecureProtocol): Batch {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const frames: BatchFrame[] = []
  let keyUpdate = false
  let at = 0
  while (at + HEADER_BYTES <= batch.length) {
    const length = view.getUint32(at)
    const end = at + 4 + length
    if (length === 0 || end > batch.length) break
    const bytes = batch.subarray(at, end)
    const message = readMessage(bytes, protocol, 'in a record')
    const isUpdate = message.type === KEY_UPDATE.type && message.sound
    const misplaced = isUpdate && (at === 0 || end < batch.length)
    keyUpdate = isUpdate && !misplaced
    frames.push({ at, bytes, message: misplaced ? outOfPlace(message) : message })
    at = end
  }
  return { frames, whole: at === batch.length, keyUpdate }
}

function outOfPlace(message: ReadMessage): ReadMessage {
  const detail = 'a key update is the last frame of a batch, and not its only one'
  return { ...message, sound: false, findings: [{ code: 'bad-frame', detail }], line: `is out of place: ${detail}` }
}
