import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ChatError, rethrowUnless } from '../../src/errors.ts'
import {
  checkFrames,
  checkOutgoing,
  encodeFrame,
  type FrameLimits,
  frameDecoder,
  type Message,
  writeFrame,
} from '../../src/wire/frame.ts'

const LIMIT = 200
const limits: FrameLimits = new Map([
  [0x01, 0],
  [0x02, LIMIT],
  [0xfe, LIMIT],
])

const message = fc.oneof(
  fc.constant({ type: 0x01, body: new Uint8Array() }),
  fc.record({ type: fc.constantFrom(0x02, 0xfe), body: fc.uint8Array({ maxLength: LIMIT }) }),
)
const messages = fc.array(message, { maxLength: 20 })
const chunkSizes = fc.infiniteStream(fc.integer({ min: 1, max: 300 }))

/** Cuts a stream into chunks of these sizes, each in a buffer of its own. */
function* cut(stream: Uint8Array, sizes: Iterable<number>): Generator<Uint8Array> {
  let at = 0
  for (const size of sizes) {
    if (at >= stream.length) return
    yield stream.slice(at, at + size)
    at += size
  }
}

const streamOf = (all: readonly Message[]) => new Uint8Array(Buffer.concat(all.map(encodeFrame)))
const shown = (all: readonly Message[]) => all.map(({ type, body }) => `${type} ${Buffer.from(body).toString('hex')}`)

test('whole frames are what a decoder reads to the end, and nothing else is', () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .tuple(messages, fc.uint8Array({ maxLength: 6 }))
      .map(([all, rest]) => Buffer.concat([...all.map(encodeFrame), rest])),
  )
  fc.assert(
    fc.property(bytes, stream => {
      const { messages: read, code, midFrame } = decode([stream])
      const whole = read.length > 0 && code === null && !midFrame
      let refused = null
      try {
        checkFrames(stream, limits)
      } catch (error) {
        refused = error
      }
      expect(refused === null).toBe(whole)
    }),
  )
})

/** What the decoder delivers, and the code with which it fails, if it does. */
function decode(chunks: Iterable<Uint8Array>): { messages: Message[]; code: string | null; midFrame: boolean } {
  const decoder = frameDecoder(limits)
  const delivered: Message[] = []
  let code: string | null = null
  for (const chunk of chunks) {
    try {
      decoder.push(chunk, one => delivered.push(one))
    } catch (error) {
      rethrowUnless(error)
      code = error.code
      break
    }
  }
  return { messages: delivered, code, midFrame: decoder.midFrame }
}

test('any messages in any chunks come out as they went in', () => {
  fc.assert(
    fc.property(messages, chunkSizes, (all, sizes) => {
      const result = decode(cut(streamOf(all), sizes))
      expect(shown(result.messages)).toEqual(shown(all))
      expect(result.code).toBeNull()
      expect(result.midFrame).toBe(false)
    }),
  )
})

test('a stream that ends anywhere delivers the whole messages before that and knows whether one is missing', () => {
  fc.assert(
    fc.property(
      fc.array(message, { minLength: 1, maxLength: 5 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (all, part) => {
        const stream = streamOf(all)
        const end = Math.floor(part * stream.length)
        const result = decode([stream.subarray(0, end)])
        const whole = streamOf(result.messages)
        expect(Buffer.compare(whole, stream.subarray(0, whole.length))).toBe(0)
        expect(result.midFrame).toBe(whole.length < end)
      },
    ),
  )
})

test('any bytes at all, in any chunks, come to the same end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), messages, chunkSizes, (noise, before, sizes) => {
      const stream = new Uint8Array(Buffer.concat([streamOf(before), noise]))
      const whole = decode([stream])
      const inChunks = decode(cut(stream, sizes))
      expect(shown(inChunks.messages)).toEqual(shown(whole.messages))
      expect(inChunks.code).toBe(whole.code)
      expect(['bad-frame', 'unknown-type', 'too-large', null]).toContain(whole.code)
      expect(shown(whole.messages).slice(0, before.length)).toEqual(shown(before))
    }),
  )
})

test.each([
  ['bad-frame', '0000000000'],
  ['bad-frame', '0000000002'],
  ['unknown-type', '0000000103'],
  ['unknown-type', 'ffffffff00'],
  ['too-large', '0000000201'],
  ['too-large', '000000ca02'],
  ['too-large', 'ffffffff02'],
])('%s as soon as the header %s is there', (code, header) => {
  const bytes = Buffer.from(header, 'hex')
  expect(decode([bytes.subarray(0, 4)]).code).toBeNull()
  expect(decode([bytes]).code).toBe(code)
  expect(decode([...bytes].map(byte => Uint8Array.of(byte))).code).toBe(code)
})

test('failure sticks: later chunks fail with the same error and deliver nothing', () => {
  const decoder = frameDecoder(limits)
  const failures = ['0000000000', '0000000101', ''].map(hex => {
    try {
      return decoder.push(Buffer.from(hex, 'hex'), () => expect.unreachable())
    } catch (error) {
      return error
    }
  })
  expect(failures[0]).toBeInstanceOf(ChatError)
  for (const failure of failures) expect(failure).toBe(failures[0])
})

describe('what decoding costs', () => {
  const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
  const { set, slice } = typedArray
  const concat = Buffer.concat
  const Original = Uint8Array
  let copied = 0
  let allocated = 0

  beforeEach(() => {
    copied = 0
    allocated = 0
    typedArray.set = function (source, offset) {
      copied += source.length
      return set.call(this, source, offset)
    }
    typedArray.slice = () => expect.unreachable('slice copies')
    Buffer.concat = () => expect.unreachable('concat copies')
    globalThis.Uint8Array = new Proxy(Original, {
      construct(target, [size]: [number]) {
        allocated += size
        return new target(size)
      },
    })
  })

  afterEach(() => {
    globalThis.Uint8Array = Original
    Buffer.concat = concat
    Object.assign(typedArray, { set, slice })
  })

  test.each([2 ** 16, 2 ** 17, 2 ** 18])('a body of %d bytes that comes byte by byte: one copy of each byte', size => {
    const stream = Buffer.alloc(5 + size)
    stream.writeUInt32BE(1 + size)
    stream.writeUInt8(0x02, 4)
    const decoder = frameDecoder(new Map([[0x02, size]]))
    const delivered: Message[] = []
    for (let at = 0; at < stream.length; at++) decoder.push(stream.subarray(at, at + 1), one => delivered.push(one))
    expect(delivered).toHaveLength(1)
    expect(copied).toBe(stream.length)
    expect(allocated).toBe(stream.length)
  })

  test('messages that lie within a chunk are views of it: no copy at all', () => {
    const chunk = Buffer.from('0000000302aaaa0000000302bbbb', 'hex')
    const delivered: Message[] = []
    frameDecoder(limits).push(chunk, one => delivered.push(one))
    expect(delivered.map(({ body }) => body.buffer)).toEqual([chunk.buffer, chunk.buffer])
    expect(copied).toBe(0)
  })

  test('a claim of 4 GiB costs nothing', () => {
    const decoder = frameDecoder(limits)
    const fault = () => decoder.push(Buffer.from('ffffffff02', 'hex'), () => expect.unreachable())
    expect(fault).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(copied).toBe(0)
    expect(allocated).toBe(0)
  })
})

test('writes frames back to back into one buffer', () => {
  const target = new Uint8Array(12)
  const next = writeFrame({ type: 0x02, body: Uint8Array.of(0xaa) }, target, 0)
  expect(next).toBe(6)
  expect(writeFrame({ type: 0x01, body: new Uint8Array() }, target, next)).toBe(11)
  expect(Buffer.from(target).toString('hex')).toBe('0000000202aa000000010100')
})

test('what can not be a frame is a programming mistake', () => {
  const body = new Uint8Array()
  for (const type of [-1, 256, 1.5, Number.NaN]) expect(() => encodeFrame({ type, body })).toThrow(RangeError)
  expect(() => writeFrame({ type: 0x01, body }, new Uint8Array(4), 0)).toThrow(RangeError)
  expect(() => writeFrame({ type: 0x02, body: new Uint8Array(3) }, new Uint8Array(7), 0)).toThrow(RangeError)
})

test('what is to be sent is checked against the limits', () => {
  expect(() => checkOutgoing({ type: 0x02, body: new Uint8Array(LIMIT) }, limits)).not.toThrow()
  expect(() => checkOutgoing({ type: 0x02, body: new Uint8Array(LIMIT + 1) }, limits)).toThrow(RangeError)
  expect(() => checkOutgoing({ type: 0x03, body: new Uint8Array() }, limits)).toThrow(RangeError)
})
