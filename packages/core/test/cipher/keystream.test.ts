import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keystream } from '../../src/cipher/keystream.ts'

const keyBytes = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** The first `length` bytes of the stream, one block after the other. */
function streamOf(key: Uint8Array, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHmac('sha256', key).update(i.toString(16).padStart(16, '0'), 'hex').digest(),
  )
  return Buffer.concat(blocks).subarray(0, length)
}

test('zeros come out as the HMACs of the counter, in a row', () => {
  const key = new Uint8Array(32).fill(9)
  // 300 blocks, so that the counter needs its second byte.
  expect(keystream(key.slice()).xor(new Uint8Array(9_600))).toEqual(new Uint8Array(streamOf(key, 9_600)))
})

test('pieces of any size use up one stream, byte after byte', () => {
  fc.assert(
    fc.property(keyBytes, fc.array(fc.uint8Array({ maxLength: 100 })), (key, pieces) => {
      const stream = keystream(key.slice())
      const hidden = Buffer.concat(pieces.map(piece => stream.xor(piece)))
      const clear = Buffer.concat(pieces)
      const pad = streamOf(key, clear.length)
      expect(hidden).toEqual(Buffer.from(clear.map((byte, i) => byte ^ pad.readUInt8(i))))
      expect(stream.used).toBe(clear.length)
    }),
  )
})

test('who has the key reads what was hidden, however it is cut', () => {
  fc.assert(
    fc.property(keyBytes, fc.uint8Array({ maxLength: 300 }), fc.nat(300), (key, clear, cut) => {
      const hidden = keystream(key.slice()).xor(clear)
      const reader = keystream(key.slice())
      const read = Buffer.concat([reader.xor(hidden.subarray(0, cut)), reader.xor(hidden.subarray(cut))])
      expect(new Uint8Array(read)).toEqual(clear)
    }),
  )
})

test('what is hidden is left as it was', () => {
  const clear = Uint8Array.of(1, 2, 3)
  keystream(new Uint8Array(32)).xor(clear)
  expect(clear).toEqual(Uint8Array.of(1, 2, 3))
})

test('a wiped stream has no key, and does not go on with zeros', () => {
  const key = new Uint8Array(32).fill(9)
  const stream = keystream(key)
  stream.xor(new Uint8Array(5))
  stream.wipe()
  expect(key).toEqual(new Uint8Array(32))
  expect(() => stream.xor(new Uint8Array(1))).toThrow(TypeError)
})
