import { HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'

/** A whole frame as the message that a transcript takes; its body is a view. */
export function messageOf(frame: Uint8Array): Message {
  return { type: frame[HEADER_BYTES - 1] ?? 0, body: frame.subarray(HEADER_BYTES) }
}
