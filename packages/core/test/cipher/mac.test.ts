import { createHmac } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { mac, sameBytes } from '../../src/cipher/mac.ts'
import { wycheproof } from '../support/wycheproof.ts'

const hex = (text: string) => Buffer.from(text, 'hex')

interface MacCase {
  readonly tcId: number
  readonly tagSize: number
  readonly key: string
  readonly msg: string
  readonly tag: string
  readonly result: 'valid' | 'invalid'
}

const cases = wycheproof<MacCase>('hmac_sha256_test.json')

test('HMAC-SHA-256 of RFC 4231, case 2', () => {
  expect(mac(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?')).toString('hex')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

test.skipIf(cases.length === 0)('HMAC-SHA-256 of Wycheproof (needs ../shared/vectors)', () => {
  for (const { tcId, tagSize, key, msg, tag, result } of cases) {
    const computed = mac(hex(key), hex(msg)).subarray(0, tagSize / 8)
    expect(sameBytes(computed, hex(tag)), `case ${tcId}`).toBe(result === 'valid')
  }
})

test('parts count as one message, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.array(fc.uint8Array()), (key, parts) => {
      expect(mac(key, ...parts)).toEqual(createHmac('sha256', key).update(Buffer.concat(parts)).digest())
    }),
  )
})

test('bytes are the same only when length and every byte are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, where, change) => {
      const at = where % bytes.length
      expect(sameBytes(bytes, bytes.slice())).toBe(true)
      expect(
        sameBytes(
          bytes,
          bytes.map((byte, i) => (i === at ? byte ^ change : byte)),
        ),
      ).toBe(false)
      expect(sameBytes(bytes, bytes.subarray(1))).toBe(false)
      expect(sameBytes(bytes, new Uint8Array())).toBe(false)
    }),
  )
  expect(sameBytes(new Uint8Array(), new Uint8Array())).toBe(true)
})
