import { randomBytes } from 'node:crypto'
import { encryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupsInCommon, groupsThatFit, searchLegacySecret } from '../../src/crack/legacy-search.ts'
import type { LegacyRecord } from '@p2p-secure-chat/dissector/exchange/legacy-record'
import { textbookKey } from '../../src/textbook/toy-exchange.ts'

const TEXTS = ['Hi Bob, nobody reads this.', 'مرحبا 👋', 'EOM']

function sealed(secret: number, bytes: Uint8Array): LegacyRecord {
  const iv = randomBytes(16)
  return { iv, ciphertext: encryptCbc(textbookKey(BigInt(secret)), iv, bytes) }
}

const conversation = (secret: number, texts = TEXTS) => texts.map(text => sealed(secret, Buffer.from(text)))

test.each([0, 1, 2, 18, 999, 9_001])('the secret %i is found, and with it the texts', async secret => {
  const { fits, tried } = await searchLegacySecret(conversation(secret), { thorough: 1_000 })
  expect(fits).toEqual([{ secret, texts: TEXTS }])
  expect(tried).toBe(Math.max(1_000, secret + 1))
})

test('all secrets below 65,536 are tried, also when a small one fits', async () => {
  expect(await searchLegacySecret(conversation(2))).toEqual({ fits: [{ secret: 2, texts: TEXTS }], tried: 65_536 })
})

test('any texts in any small group, as the exchange makes the secret', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom([23, 5], [47, 5], [97, 5], [353, 3], [997, 7]),
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 5_000 }),
      fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), { minLength: 2, maxLength: 5 }),
      async ([p = 0, g = 0], a, b, texts) => {
        const power = (base: number, exponent: number) => Number(modPow(BigInt(base), BigInt(exponent), BigInt(p)))
        const secret = power(power(g, b), a)
        const { fits } = await searchLegacySecret(conversation(secret, texts), { thorough: 1_000 })
        expect(fits[0]).toEqual({ secret, texts })
      },
    ),
    { numRuns: 10 },
  )
})

test('altered and cut records do not hide the others', async () => {
  const records = conversation(7, ['one', 'two', 'three', 'four', 'a longer one that has more than one block'])
  const [first, , , , last] = records
  if (first === undefined || last === undefined) throw new Error('five records')
  first.ciphertext[15] = (first.ciphertext[15] ?? 0) ^ 1
  const cut = { iv: last.iv, ciphertext: last.ciphertext.subarray(0, 16) }
  const { fits } = await searchLegacySecret([...records.slice(0, 4), cut], { thorough: 100 })
  expect(fits).toEqual([{ secret: 7, texts: [null, 'two', 'three', 'four', null] }])
})

test('nothing fits where most records are altered, and the search says how many secrets it tried', async () => {
  const noise = Array.from({ length: 3 }, () => ({ iv: randomBytes(16), ciphertext: randomBytes(48) }))
  expect(await searchLegacySecret(noise, { thorough: 100, most: 5_000 })).toEqual({ fits: [], tried: 5_000 })
})

test('where two secrets fit, both are told, and the one whose text has no control characters comes first', async () => {
  // One record of one block opens under a wrong secret once in some two million: this one does.
  const record = {
    iv: Buffer.from('a0a9680e6e798d62b71343b8b7a986bb', 'hex'),
    ciphertext: Buffer.from('0001851bfd0baa7be467c9e15fcf0ae5', 'hex'),
  }
  const { fits } = await searchLegacySecret([record], { thorough: 300 })
  expect(fits).toEqual([
    { secret: 255, texts: ['yes'] },
    { secret: 38, texts: [expect.stringMatching(/\p{Cc}/u)] },
  ])
  const both = await searchLegacySecret([record, sealed(38, Buffer.from('no'))], { thorough: 300 })
  expect(both.fits.map(({ secret }) => secret)).toEqual([38])
})

test('without a record every secret would fit', async () => {
  await expect(searchLegacySecret([])).rejects.toThrow(RangeError)
})

test('the search tells how far it is, and ends when it is told to', async () => {
  const noise = [{ iv: randomBytes(16), ciphertext: randomBytes(160) }]
  const stop = new AbortController()
  const told: number[] = []
  const search = searchLegacySecret(noise, {
    signal: stop.signal,
    onProgress(tried) {
      told.push(tried)
      if (told.length === 2) stop.abort(new Error('enough'))
    },
  })
  await expect(search).rejects.toThrow('enough')
  expect(told).toEqual([2_048, 4_096])
})

test('the numbers of the textbook lead to its group, with the exponents', () => {
  const groups = groupsThatFit([8, 19], 2)
  expect(groups[0]).toEqual({ p: 23, g: 5, exponents: [6, 15] })
  for (const { p, g, exponents } of groups) {
    const [a, b] = exponents.map(BigInt)
    const power = (exponent = 0n) => Number(modPow(BigInt(g), exponent, BigInt(p)))
    expect([power(a), power(b), power((a ?? 0n) * (b ?? 0n))]).toEqual([8, 19, 2])
  }
})

test('no group has public values that are no powers, or a prime that is too small for them', () => {
  expect(groupsThatFit([0, 19], 2)).toEqual([])
  expect(groupsThatFit([1_000, 2_000], 3)).toEqual([])
})

test('two conversations leave fewer groups over than one', () => {
  const [one, other] = [groupsThatFit([8, 19], 2), groupsThatFit([10, 16], 2)]
  const common = groupsInCommon([one, other])
  expect(common).toContainEqual(expect.objectContaining({ p: 23, g: 5 }))
  expect(common.length).toBeLessThan(one.length)
  expect(groupsInCommon([])).toEqual([])
})
