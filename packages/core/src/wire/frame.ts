import { ChatError } from '../errors.ts'

/** A message as it crosses a Channel. */
export interface Message {
  /** One byte, which says what the body is. */
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
export function encodeFrame(message: Message): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + message.body.length)
  writeFrame(message, frame, 0)
  return frame
}

/** The part of a frame before its body, for callers that write the body itself without a copy. @throws {RangeError} as encodeFrame */
export function frameHeader(message: Message): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES)
  writeHeader(message, header, 0)
  return header
}

/**
 * Writes one frame into `target` at `offset`, for callers that put many frames into one buffer.
 *
 * @returns the offset after the frame
 * @throws {RangeError} as encodeFrame, or when the frame does not fit
 */
export function writeFrame(message: Message, target: Uint8Array, offset: number): number {
  const { body } = message
  const start = writeHeader(message, target, offset)
  target.set(body, start)
  return start + body.length
}

/** @returns the offset after the header */
function writeHeader({ type, body }: Message, target: Uint8Array, offset: number): number {
  if (!Number.isInteger(type) || type < 0 || type > 0xff) throw new RangeError(`type must be a byte, got ${type}`)
  const length = 1 + body.length
  if (length > 0xffff_ffff) throw new RangeError(`body of ${body.length} bytes is too long for a frame`)
  target[offset] = length >>> 24
  target[offset + 1] = length >>> 16
  target[offset + 2] = length >>> 8
  target[offset + 3] = length
  target[offset + 4] = type
  return offset + HEADER_BYTES
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

/** The u32 at that place; missing bytes count as 0. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const low = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)
  return (bytes[at] ?? 0) * 0x100_0000 + low
}

/** @returns bytes of the body behind a whole header. @throws {ChatError} `bad-frame`, `unknown-type`, `too-large` */
function bodyLength(bytes: Uint8Array, at: number, limits: FrameLimits): number {
  const length = lengthAt(bytes, at)
  const type = bytes[at + 4] ?? 0
  if (length === 0) throw new ChatError('bad-frame', 'a frame of length 0 has no type')
  const limit = limits.get(type)
  if (limit === undefined) throw new ChatError('unknown-type', `type 0x${type.toString(16)} does not belong here`)
  if (length - 1 > limit) {
    throw new ChatError('too-large', `a body of ${length - 1} bytes, where type 0x${type.toString(16)} allows ${limit}`)
  }
  return length - 1
}

/**
 * Checks bytes that must be whole frames, at least one, before any of them is used.
 *
 * @throws {ChatError} `bad-frame` when they are not, and what a decoder throws
 */
export function checkFrames(bytes: Uint8Array, limits: FrameLimits): void {
  let at = 0
  while (at + HEADER_BYTES <= bytes.length) at += HEADER_BYTES + bodyLength(bytes, at, limits)
  if (at !== bytes.length || at === 0) throw new ChatError('bad-frame', 'these are not whole frames')
}

const NOTHING: Uint8Array = new Uint8Array(0)

/** @param limits the types to let through, each with its largest body in bytes */
export function frameDecoder(limits: FrameLimits): FrameDecoder {
  return new Decoder(limits)
}

/** A header or a body of which the first `filled` bytes are there. */
interface Part {
  readonly bytes: Uint8Array
  filled: number
}

/** A class, for each of thousands of connections has one. */
class Decoder implements FrameDecoder {
  readonly #limits: FrameLimits
  #chunk = NOTHING
  #at = 0
  #header: Part | null = null
  #body: Part | null = null
  /** The type of the frame whose body has begun. */
  #type = 0
  #failure: ChatError | null = null

  constructor(limits: FrameLimits) {
    this.#limits = limits
  }

  get rest(): number {
    return this.#chunk.length - this.#at
  }

  get midFrame(): boolean {
    return this.#header !== null || this.#body !== null
  }

  feed(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  next(): Message | null {
    if (this.#failure !== null) throw this.#failure
    try {
      const message = this.#decode()
      // Nobody must keep a chunk in memory only because its connection is quiet.
      if (message === null) this.feed(NOTHING)
      return message
    } catch (error) {
      if (error instanceof ChatError) this.#failure = error
      throw error
    }
  }

  push(chunk: Uint8Array, deliver: (message: Message) => void): void {
    this.feed(chunk)
    for (let message = this.next(); message !== null; message = this.next()) deliver(message)
  }

  #decode(): Message | null {
    if (this.#body !== null) return this.#fillBody(this.#body)
    let size: number
    if (this.#header === null && this.rest >= HEADER_BYTES) {
      size = this.#readHeader(this.#chunk, this.#at)
      this.#at += HEADER_BYTES
    } else {
      if (this.rest === 0) return null
      this.#header ??= { bytes: new Uint8Array(HEADER_BYTES), filled: 0 }
      if (!this.#fill(this.#header)) return null
      size = this.#readHeader(this.#header.bytes, 0)
      this.#header = null
    }
    if (this.rest < size) {
      this.#body = { bytes: new Uint8Array(size), filled: 0 }
      return this.#fillBody(this.#body)
    }
    // subarray() of a Buffer costs twice as much.
    const { buffer, byteOffset } = this.#chunk
    const body = new Uint8Array(buffer, byteOffset + this.#at, size)
    this.#at += size
    return { type: this.#type, body }
  }

  /** @returns bytes of the body that follows */
  #readHeader(bytes: Uint8Array, at: number): number {
    this.#type = bytes[at + 4] ?? 0
    return bodyLength(bytes, at, this.#limits)
  }

  #fillBody(body: Part): Message | null {
    if (!this.#fill(body)) return null
    this.#body = null
    return { type: this.#type, body: body.bytes }
  }

  /** @returns whether it is whole now */
  #fill(part: Part): boolean {
    const taken = Math.min(part.bytes.length - part.filled, this.rest)
    part.bytes.set(this.#chunk.subarray(this.#at, this.#at + taken), part.filled)
    part.filled += taken
    this.#at += taken
    return part.filled === part.bytes.length
  }
}
