import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RECEIPT, sessionLimits, TEXT, TEXT_LIMIT } from '../../src/messages/conversation.ts'

const id = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })

test('a text comes back as it was, in any script', () => {
  fc.assert(
    fc.property(id, fc.string({ unit: 'binary' }), (id, text) => {
      expect(TEXT.read(TEXT.message({ id, text }).body)).toEqual({ id, text })
    }),
  )
})

test('a text on the wire is eight bytes of id, the largest first, and UTF-8', () => {
  expect(TEXT.message({ id: 258n, text: 'hé' })).toEqual({
    type: TEXT.type,
    body: Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 2, 0x68, 0xc3, 0xa9]),
  })
  expect(RECEIPT.message({ id: 1n })).toEqual({ type: RECEIPT.type, body: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 1]) })
})

test('half a surrogate pair becomes the replacement character', () => {
  expect(TEXT.read(TEXT.message({ id: 1n, text: 'a\ud800b' }).body).text).toBe('a\ufffdb')
})

test('the largest text fits exactly', () => {
  expect(TEXT.message({ id: 1n, text: 'x'.repeat(TEXT_LIMIT) }).body.length).toBe(sessionLimits.get(TEXT.type))
})

test('what is shorter than an id, or no UTF-8, is bad-message', () => {
  const bad = expect.objectContaining({ code: 'bad-message' })
  expect(() => TEXT.read(new Uint8Array(7))).toThrow(bad)
  expect(() => TEXT.read(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 1, 0xff]))).toThrow(bad)
  expect(() => RECEIPT.read(new Uint8Array(7)).id).toThrow(bad)
  expect(() => RECEIPT.read(new Uint8Array(9)).id).toThrow(bad)
})

test('a receipt comes back as it was', () => {
  fc.assert(
    fc.property(id, id => {
      expect(RECEIPT.read(RECEIPT.message({ id }).body).id).toBe(id)
    }),
  )
})
