import { createPublicKey, generateKeyPairSync, verify as cryptoVerify } from 'node:crypto'
import { bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { describe, expect, test } from 'vitest'
import { wycheproof } from '../../../core/test/support/wycheproof.ts'
import {
  checkPublicKey,
  publicKeyFromBytes,
  publicKeyFromText,
  publicKeyToBytes,
  publicKeyToText,
  sign,
  signed,
  verify,
} from '../../src/identity/ed25519-key.ts'
import { alice, bob } from '../support/people.ts'

const badKey = expect.objectContaining({ code: 'bad-key' })
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))

const P = 2n ** 255n - 19n

/** The 32 bytes of a y coordinate, little-endian, and the sign of x. */
function encoded(y: bigint, sign: bigint): Uint8Array {
  return bigintToBytes(y + (sign << 255n), 32).toReversed()
}

/** The curve by its own formulas (RFC 8032, section 5.1.4), affine and slow. */
const D = (-121665n * modPow(121666n, P - 2n, P)) % P
type Point = readonly [x: bigint, y: bigint]

function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const k = D * x1 * x2 * y1 * y2
  const x = (x1 * y2 + x2 * y1) * modPow(1n + k, P - 2n, P)
  const y = (y1 * y2 + x1 * x2) * modPow(1n - k, P - 2n, P)
  return [((x % P) + P) % P, ((y % P) + P) % P]
}

/** All eight points whose order divides eight: the multiples of one of order eight. */
function smallOrderPoints(): Point[] {
  const y = BigInt('0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7')
  const squared = (y * y - 1n) * modPow(D * y * y + 1n, P - 2n, P)
  const root = modPow(squared, (P + 3n) / 8n, P)
  const x = (root * root - squared) % P === 0n ? root : (root * modPow(2n, (P - 1n) / 4n, P)) % P
  const points: Point[] = [[0n, 1n]]
  for (let i = 1; i < 8; i += 1) points.push(add(points[i - 1] ?? [0n, 1n], [x, y]))
  return points
}

describe('keys under which a signature means nothing', () => {
  test('the eight points of small order are refused with either sign', () => {
    const points = smallOrderPoints()
    expect(new Set(points.map(String)).size).toBe(8)
    expect(add(points[7] ?? [0n, 0n], points[1] ?? [0n, 0n])).toEqual([0n, 1n])
    for (const [, y] of points) {
      for (const sign of [0n, 1n]) expect(() => checkPublicKey(encoded(y, sign))).toThrow(badKey)
    }
  })

  test('y of p and above is refused, even where y - p is the y of a good key', () => {
    for (let y = P; y < 2n ** 255n; y += 1n) {
      for (const sign of [0n, 1n]) expect(() => checkPublicKey(encoded(y, sign))).toThrow(badKey)
    }
  })

  test('bytes that are no point of the curve are refused: half of all y', () => {
    const refused = Array.from({ length: 200 }, (_, i) => encoded(BigInt(i) + 2n, 0n)).filter(key => {
      try {
        checkPublicKey(key)
        return false
      } catch {
        return true
      }
    })
    expect(refused.length).toBeGreaterThan(70)
    expect(refused.length).toBeLessThan(130)
  })

  test.each([0, 31, 33])('%d bytes are no key', length => {
    expect(() => checkPublicKey(new Uint8Array(length).fill(9))).toThrow(badKey)
  })

  test('node alone would accept one signature for any message', () => {
    const identityPoint = encoded(1n, 0n)
    const forged = Buffer.concat([identityPoint, new Uint8Array(32)])
    const der = Buffer.concat([hex('302a300506032b6570032100'), identityPoint])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    expect(cryptoVerify(null, Buffer.from('anything'), key, forged)).toBe(true)
    expect(() => verify(identityPoint, Buffer.from('anything'), forged)).toThrow(badKey)
  })
})

describe('good keys', () => {
  test('pass, and come back from node as they were', () => {
    for (let i = 0; i < 50; i += 1) {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519')
      const raw = publicKeyToBytes(publicKey)
      expect(raw).toHaveLength(32)
      expect(publicKeyToBytes(privateKey)).toEqual(raw)
      expect(publicKeyFromBytes(raw).equals(publicKey)).toBe(true)
      expect(publicKeyFromText(publicKeyToText(raw))).toEqual(raw)
    }
  })

  test('have one spelling', () => {
    const text = publicKeyToText(alice.key)
    const other = `${text.slice(0, -1)}${String.fromCharCode(text.charCodeAt(42) + 1)}`
    for (const bad of [`${text}=`, `${text} `, text.slice(1), other, '', 'ä'.repeat(43)]) {
      expect(() => publicKeyFromText(bad), bad).toThrow(badKey)
    }
  })
})

interface Ed25519Case {
  readonly tcId: number
  readonly publicKey: { readonly pk: string }
  readonly msg: string
  readonly sig: string
  readonly result: 'valid' | 'invalid'
}

const cases = wycheproof<Ed25519Case>('ed25519_test.json')

test.skipIf(cases.length === 0)('Ed25519 of Wycheproof (needs ../shared/vectors)', () => {
  expect(cases.length).toBeGreaterThan(100)
  for (const { tcId, publicKey, msg, sig, result } of cases) {
    expect(verify(hex(publicKey.pk), hex(msg), hex(sig)), `case ${tcId}`).toBe(result === 'valid')
  }
})

describe('what is signed', () => {
  const hash = new Uint8Array(32).fill(7)

  test('is 64 spaces, the context, a zero byte and the hash', () => {
    const bytes = Buffer.from(signed('who and why', hash))
    expect(bytes.toString('latin1')).toBe(`${' '.repeat(64)}who and why\0${'\x07'.repeat(32)}`)
  })

  test('is good for its key, context and hash alone', () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const key = publicKeyToBytes(privateKey)
    const signature = sign(privateKey, signed('one', hash))
    expect(verify(key, signed('one', hash), signature)).toBe(true)
    expect(verify(key, signed('other', hash), signature)).toBe(false)
    expect(
      verify(
        key,
        signed(
          'one',
          hash.map(byte => byte ^ 1),
        ),
        signature,
      ),
    ).toBe(false)
    expect(verify(bob.key, signed('one', hash), signature)).toBe(false)
    expect(verify(key, signed('one', hash), signature.subarray(1))).toBe(false)
  })
})
