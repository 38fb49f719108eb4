import { TEXT, RECEIPT } from '@p2p-secure-chat/core/wire/message-types'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  readReceipt,
  readText,
  receiptMessage,
  sessionLimits,
  TEXT_LIMIT,
  textMessage,
} from '../src/chat/session-messages.ts'

const id = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn })

test('a text comes back as it was, in any script', () => {
  fc.assert(
    fc.property(id, fc.string({ unit: 'binary' }), (id, text) => {
      expect(readText(textMessage(id, text).body)).toEqual({ id, text })
    }),
  )
})

test('a text on the wire is eight bytes of id, the largest first, and UTF-8', () => {
  expect(textMessage(258n, 'hé')).toEqual({
    type: TEXT,
    body: Uint8Array.from([0, 0, 0, 0, 0, 0, 1, 2, 0x68, 0xc3, 0xa9]),
  })
  expect(receiptMessage(1n)).toEqual({ type: RECEIPT, body: Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 1]) })
})

test('half a surrogate pair becomes the replacement character', () => {
  expect(readText(textMessage(1n, 'a\ud800b').body).text).toBe('a\ufffdb')
})

test('the largest text fits exactly', () => {
  expect(textMessage(1n, 'x'.repeat(TEXT_LIMIT)).body.length).toBe(sessionLimits.get(TEXT))
})

test('what is shorter than an id, or no UTF-8, is bad-message', () => {
  const bad = expect.objectContaining({ code: 'bad-message' })
  expect(() => readText(new Uint8Array(7))).toThrow(bad)
  expect(() => readText(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 1, 0xff]))).toThrow(bad)
  expect(() => readReceipt(new Uint8Array(7))).toThrow(bad)
  expect(() => readReceipt(new Uint8Array(9))).toThrow(bad)
})

test('a receipt comes back as it was', () => {
  fc.assert(
    fc.property(id, id => {
      expect(readReceipt(receiptMessage(id).body)).toBe(id)
    }),
  )
})
