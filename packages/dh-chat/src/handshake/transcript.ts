import { createHash, type Hash } from 'node:crypto'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import type { Introduction } from '@p2p-secure-chat/core/wire/upgrade'

/**
 * Everything that both sides have sent so far, as it crossed the wire. They sign it and derive keys from it. A transcript
 * is immutable; each message makes a new one.
 */
export interface Transcript {
  /** SHA-256 of the transcript followed by the parts. */
  hash(...parts: readonly Uint8Array[]): Uint8Array
  /** A transcript with one more frame. */
  with(message: Message): Transcript
}

/**
 * The transcript after the hellos (docs/protocol.md, Transcript). It begins with a zero byte, because a direct dial has
 * no call id.
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
