import { createHash, type Hash } from 'node:crypto'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import type { Introduction } from '@p2p-secure-chat/core/wire/upgrade'

/**
 * Everything both sides have said so far, as it crossed the wire: what they sign and derive keys from. It does not
 * change; each message makes the next one.
 */
export interface Transcript {
  /** SHA-256 of the transcript and of the parts after it. */
  hash(...parts: readonly Uint8Array[]): Uint8Array
  /** The transcript with one more frame. */
  with(message: Message): Transcript
}

/**
 * The transcript after the hellos (docs/protocol.md, Transcript). It begins with a zero byte: a direct dial has no
 * call id.
 */
export function transcriptOf(hellos: Introduction['hellos']): Transcript {
  const start = createHash('sha256').update(Uint8Array.of(0))
  return transcript(start).with(hellos.initiator).with(hellos.responder)
}

function transcript(hashed: Hash): Transcript {
  return {
    hash: (...parts) => parts.reduce((hash, part) => hash.update(part), hashed.copy()).digest(),
    with: message => transcript(hashed.copy().update(encodeFrame(message))),
  }
}
