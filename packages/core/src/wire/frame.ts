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
  /** Gives it the chunk that follows, once next() has returned null. */
  feed(chunk: Uint8Array): void
  /**
   * The next message, or null when it needs another chunk.
   *
   * @throws {ChatError} `bad-frame` for length 0, `unknown-type`, `too-large`; the decoder then keeps throwing the same
   */
  next(): Message | null
  /** Feeds a chunk and delivers all its messages in order, also those that stand before an error. @throws as next() */
  push(chunk: Uint8Array, deliver: (message: Message) => void): void
  /** Bytes of the chunk that next() has not reached yet. */
  readonly rest: number
  /** Whether the bytes so far end in the middle of a frame. */
  readonly midFrame: boolean
}

const NOTHING = new Uint8Array(0)

/** @param limits the types to let through, each with its largest body in bytes */
export function frameDecoder(limits: FrameLimits): FrameDecoder {
  const header = new Uint8Array(HEADER_BYTES)
  let headerBytes = 0
  let partial: { type: number; body: Uint8Array; filled: number } | null = null
  let failure: ChatError | null = null
  let chunk: Uint8Array = NOTHING
  let at = 0

  function checkedHeader(bytes: Uint8Array, offset: number): { type: number; size: number } {
    const view = new DataView(bytes.buffer, bytes.byteOffset + offset, HEADER_BYTES)
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

  /** The type and size of the frame that begins here; null while its header is not complete. */
  function readHeader(): { type: number; size: number } | null {
    if (headerBytes === 0 && chunk.length - at >= HEADER_BYTES) {
      const read = checkedHeader(chunk, at)
      at += HEADER_BYTES
      return read
    }
    const taken = Math.min(HEADER_BYTES - headerBytes, chunk.length - at)
    header.set(chunk.subarray(at, at + taken), headerBytes)
    headerBytes += taken
    at += taken
    if (headerBytes < HEADER_BYTES) return null
    headerBytes = 0
    return checkedHeader(header, 0)
  }

  function readBody({ type, size }: { type: number; size: number }): Message | null {
    if (chunk.length - at < size) {
      partial = { type, body: new Uint8Array(size), filled: 0 }
      return fillBody(partial)
    }
    const body = chunk.subarray(at, at + size)
    at += size
    return { type, body }
  }

  function fillBody(frame: { type: number; body: Uint8Array; filled: number }): Message | null {
    const taken = Math.min(frame.body.length - frame.filled, chunk.length - at)
    frame.body.set(chunk.subarray(at, at + taken), frame.filled)
    frame.filled += taken
    at += taken
    if (frame.filled < frame.body.length) return null
    partial = null
    return { type: frame.type, body: frame.body }
  }

  function decode(): Message | null {
    if (partial !== null) return fillBody(partial)
    if (at === chunk.length) return null
    const read = readHeader()
    return read === null ? null : readBody(read)
  }

  function next(): Message | null {
    if (failure !== null) throw failure
    try {
      const message = decode()
      // Nobody must keep a chunk in memory only because its connection is quiet.
      if (message === null) feed(NOTHING)
      return message
    } catch (error) {
      if (error instanceof ChatError) failure = error
      throw error
    }
  }

  function feed(following: Uint8Array): void {
    chunk = following
    at = 0
  }

  return {
    feed,
    next,
    push(following, deliver) {
      feed(following)
      for (let message = next(); message !== null; message = next()) deliver(message)
    },
    get rest() {
      return chunk.length - at
    },
    get midFrame() {
      return partial !== null || headerBytes > 0
    },
  }
}
