import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { logKeyOf, readIndependently } from '../support/independent-log.ts'
import { type LogVector, logVectors } from '../support/log-vectors.ts'
import { alice, bob, seedOf } from '../support/people.ts'

const vectors: LogVector[] = JSON.parse(readFileSync(new URL('../vectors/log.json', import.meta.url), 'utf8'))

const hex = (text: string) => Buffer.from(text, 'hex')

test('the committed vectors are what the code produces', () => {
  expect(logVectors()).toEqual(vectors)
})

test.each(vectors)('by the document alone: $name', ({ seed, logKey, entries, file }) => {
  expect(logKeyOf(hex(seed)).toString('hex')).toBe(logKey)
  const plaintexts = readIndependently(hex(logKey), hex(file))
  expect(plaintexts.map(plaintext => JSON.parse(plaintext.toString()))).toEqual(entries)
  for (const plaintext of plaintexts) expect(Math.log2(plaintext.length) % 1).toBe(0)
})

test('an entry of 256 bytes stays in its bucket, one of 257 does not', () => {
  const { logKey = '', file = '' } = vectors.at(-1) ?? {}
  const plaintexts = readIndependently(hex(logKey), hex(file))
  expect(plaintexts.map(plaintext => [plaintext.toString().trimEnd().length, plaintext.length])).toEqual([
    [256, 256],
    [257, 512],
  ])
})

test('the key of the log is HKDF-SHA-256 of the seed, another one for each label and each identity', () => {
  const derived = Buffer.from(alice.deriveKey('a label'))
  expect(derived).toEqual(Buffer.from(hkdfSync('sha256', seedOf('alice'), '', 'a label', 32)))
  expect(Buffer.from(alice.deriveKey('a label'))).toEqual(derived)
  for (const other of [alice.deriveKey('another label'), bob.deriveKey('a label')]) {
    expect(Buffer.from(other)).not.toEqual(derived)
  }
})
