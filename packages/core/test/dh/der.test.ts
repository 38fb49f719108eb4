import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { derInteger, derNull, derObjectIdentifier, derOctetString, derSequence, readDer } from '../../src/dh/der.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'))
const bad = expect.objectContaining({ code: 'bad-identity' })
const read = (der: Uint8Array) => readDer(der, 'bad-identity')

test.each([
  ['1.2.840.113549.1.5.13', '06 09 2a 86 48 86 f7 0d 01 05 0d'],
  ['2.16.840.1.101.3.4.1.42', '06 09 60 86 48 01 65 03 04 01 2a'],
  ['1.3.101.112', '06 03 2b 65 70'],
  ['2.999.3', '06 03 88 37 03'],
  ['1.3.127.128.16383.16384', '06 09 2b 7f 81 00 ff 7f 81 80 00'],
])('the object identifier %s', (dotted, encoded) => {
  expect(derObjectIdentifier(dotted)).toEqual(hex(encoded))
})

test('other encodings', () => {
  expect(derNull).toEqual(hex('05 00'))
  expect(derOctetString(hex('0102'))).toEqual(hex('04 02 01 02'))
  expect(derOctetString(new Uint8Array(200)).subarray(0, 3)).toEqual(hex('04 81 c8'))
})

test('what is written is read again, one value after another', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 300n), fc.uint8Array({ maxLength: 300 }), (number, octets) => {
      const id = derObjectIdentifier('1.3.101.112')
      const reader = read(derSequence(derInteger(number), derSequence(derOctetString(octets)), id))
      const inside = reader.sequence()
      expect(reader.isAtEnd()).toBe(true)
      expect(inside.integer()).toBe(number)
      const deeper = inside.sequence()
      expect(deeper.octetString()).toEqual(octets)
      deeper.end()
      expect(inside.isAtEnd()).toBe(false)
      expect(() => inside.end()).toThrow(bad)
      expect(inside.objectIdentifier()).toEqual(id)
      inside.end()
    }),
  )
})

test('another kind of value than the one asked for is an error', () => {
  expect(() => read(derNull).octetString()).toThrow('an OCTET STRING is expected')
  expect(() => read(derInteger(5n)).objectIdentifier()).toThrow('an OBJECT IDENTIFIER is expected')
  expect(() => read(hex('')).sequence()).toThrow(bad)
})
