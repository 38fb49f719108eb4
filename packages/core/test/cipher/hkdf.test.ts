import { hkdfSync } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { expandLabel, hkdfExpand, hkdfExtract } from '../../src/cipher/hkdf.ts'
import { wycheproof } from '../support/wycheproof.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const range = (from: number, to: number) => Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

interface HkdfCase {
  readonly tcId: number
  readonly ikm: string
  readonly salt: string
  readonly info: string
  readonly size: number
  readonly okm: string
  readonly result: 'valid' | 'invalid'
}

const cases = wycheproof<HkdfCase>('hkdf_sha256_test.json')

test.each([
  {
    name: 'A.1, basic',
    material: new Uint8Array(22).fill(0x0b),
    salt: range(0x00, 0x0c),
    info: range(0xf0, 0xf9),
    extracted: '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    expanded: '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  },
  {
    name: 'A.2, longer inputs and outputs',
    material: range(0x00, 0x4f),
    salt: range(0x60, 0xaf),
    info: range(0xb0, 0xff),
    extracted: '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    expanded:
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c' +
      '59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71' +
      'cc30c58179ec3e87c14c01d5c1f3434f1d87',
  },
  {
    name: 'A.3, no salt and no info',
    material: new Uint8Array(22).fill(0x0b),
    salt: new Uint8Array(),
    info: new Uint8Array(),
    extracted: '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    expanded: '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  },
])('RFC 5869, $name', ({ material, salt, info, extracted, expanded }) => {
  const secret = hkdfExtract(salt, material)
  expect(toHex(secret)).toBe(extracted)
  expect(toHex(hkdfExpand(secret, info, expanded.length / 2))).toBe(expanded)
})

test.skipIf(cases.length === 0)('HKDF-SHA-256 of Wycheproof (needs ../shared/vectors)', () => {
  for (const { tcId, ikm, salt, info, size, okm, result } of cases) {
    const derive = () => toHex(hkdfExpand(hkdfExtract(hex(salt), hex(ikm)), hex(info), size))
    if (result === 'valid') expect(derive(), `case ${tcId}`).toBe(okm)
    else expect(derive, `case ${tcId}`).toThrow(RangeError)
  }
})

test('both steps together are what node calls HKDF', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), fc.uint8Array(), fc.nat(300), (material, salt, info, length) => {
      const derived = hkdfExpand(hkdfExtract(salt, material), info, length)
      expect(derived).toEqual(new Uint8Array(hkdfSync('sha256', material, salt, info, length)))
    }),
  )
})

test('a label is its UTF-8 bytes and nothing else', () => {
  const secret = new Uint8Array(32).fill(7)
  const label = 'p2p-secure-chat peer-aes/1 initiator encryption'
  expect(expandLabel(secret, label, 32)).toEqual(hkdfExpand(secret, Buffer.from(label, 'utf8'), 32))
  expect(expandLabel(secret, 'grüße', 32)).toEqual(hkdfExpand(secret, Buffer.from('grüße', 'utf8'), 32))
})

test.each([-1, 0.5, NaN, 255 * 32 + 1])('a length of %d bytes is out of range', length => {
  expect(() => hkdfExpand(new Uint8Array(32), new Uint8Array(), length)).toThrow(RangeError)
})
