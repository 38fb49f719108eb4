import { ChatError } from '../errors.ts'

/** A message as it crosses a Channel. */
export interface Message {
  /** One byte, from the table in message-types.ts. */
  readonly type: number
  readonly body: Uint8Array
}

/** Bytes before the body: u32 length, u8 type. The length counts what follows it, so it is at least 1. */
export const HEADER_BYTES = 5

/** Which types a connection may carry, and the largest body in bytes of each. Any other type is an error. */
export type FrameLimits = ReadonlyMap<number, number>

/**
 * Checks a message that is to be sent, so that a mistake of ours fails here and not at the other side.
 *
 * @throws {RangeError} when its type may not cross, or its body is larger than its type allows
 */
export function checkOutgoing({ type, body }: Message, limits: FrameLimits): void {
  const limit = limits.get(type)
  if (limit === undefined) throw new RangeError(`type 0x${type.toString(16)} does not belong on this channel`)
  if (body.length > limit) {
    throw new RangeError(`a body of ${body.length} bytes, where type 0x${type.toString(16)} allows ${limit}`)
  }
}

/**
 * Encodes one frame: `u32 length (big-endian, counts type and body) | u8 type | body` (docs/protocol.md, Frames).
 *
 * @throws {RangeError} when the type is not a byte or the body needs more than 32 bits of length
 */
export function encodeFrame({ type, body }: Message): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + body.length)
  writeFrame({ type, body }, frame, 0)
  return frame
}

/**
 * Writes one frame into `target` at `offset`, for callers that put many frames into one buffer.
 *
 * @returns the offset after the frame
 * @throws {RangeError} as encodeFrame, or when the frame does not fit
 */
export function writeFrame({ type, body }: Message, target: Uint8Array, offset: number): number {
  if (!Number.isInteger(type) || type < 0 || type > 0xff) throw new RangeError(`type must be a byte, got ${type}`)
  const length = 1 + body.length
  if (length > 0xffff_ffff) throw new RangeError(`body of ${body.length} bytes is too long for a frame`)
  target[offset] = length >>> 24
  target[offset + 1] = length >>> 16
  target[offset + 2] = length >>> 8
  target[offset + 3] = length
  target[offset + 4] = type
  target.set(body, offset + HEADER_BYTES)
  return offset + HEADER_BYTES + body.length
}

/**
 * Turns a byte stream, cut anywhere, back into messages. Time is linear in the bytes, and type and length are checked
 * as soon as the header is there, before a byte of the body is stored.
 *
 * A body that lies within one chunk is a view of it, not a copy: a chunk must not be reused by the caller.
 */
export interface FrameDecoder {
  /**
   * @param deliver called for each message in order, also for those that stand before an error
   * @throws {ChatError} `bad-frame` for length 0, `unknown-type`, `too-large`; the decoder then keeps throwing the same
   */
  push(chunk: Uint8Array, deliver: (message: Message) => void): void
  /** Whether the bytes so far end in the middle of a frame. */
  readonly midFrame: boolean
}

/** @param limits the types to let through, each with its largest body in bytes */
export function frameDecoder(limits: FrameLimits): FrameDecoder {
  const header = new Uint8Array(HEADER_BYTES)
  let headerBytes = 0
  let partial: { type: number; body: Uint8Array; filled: number } | null = null
  let failure: ChatError | null = null

  function checkedHeader(bytes: Uint8Array, at: number): { type: number; size: number } {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_BYTES)
    const length = view.getUint32(0)
    const type = view.getUint8(4)
    if (length === 0) throw new ChatError('bad-frame', 'a frame of length 0 has no type')
    const limit = limits.get(type)
    if (limit === undefined) throw new ChatError('unknown-type', `type 0x${type.toString(16)} does not belong here`)
    if (length - 1 > limit) {
      throw new ChatError(
        'too-large',
        `a body of ${length - 1} bytes, where type 0x${type.toString(16)} allows ${limit}`,
      )
    }
    return { type, size: length - 1 }
  }

  function decode(chunk: Uint8Array, deliver: (message: Message) => void): void {
    let at = 0
    while (at < chunk.length) {
      if (partial !== null) {
        const taken = Math.min(partial.body.length - partial.filled, chunk.length - at)
        partial.body.set(chunk.subarray(at, at + taken), partial.filled)
        partial.filled += taken
        at += taken
        if (partial.filled < partial.body.length) break
        const { type, body } = partial
        partial = null
        deliver({ type, body })
        continue
      }

      let type: number
      let size: number
      if (headerBytes === 0 && chunk.length - at >= HEADER_BYTES) {
        ;({ type, size } = checkedHeader(chunk, at))
        at += HEADER_BYTES
      } else {
        const taken = Math.min(HEADER_BYTES - headerBytes, chunk.length - at)
        header.set(chunk.subarray(at, at + taken), headerBytes)
        headerBytes += taken
        at += taken
        if (headerBytes < HEADER_BYTES) break
        headerBytes = 0
        ;({ type, size } = checkedHeader(header, 0))
      }

      if (chunk.length - at >= size) {
        deliver({ type, body: chunk.subarray(at, at + size) })
        at += size
      } else {
        partial = { type, body: new Uint8Array(size), filled: 0 }
      }
    }
  }

  return {
    push(chunk, deliver) {
      if (failure !== null) throw failure
      try {
        decode(chunk, deliver)
      } catch (error) {
        if (error instanceof ChatError) failure = error
        throw error
      }
    },
    get midFrame() {
      return partial !== null || headerBytes > 0
    },
  }
}
