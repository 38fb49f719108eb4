import { createCipheriv, createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { DirectionByte } from '../../src/record.ts'
import { sealedRecords } from '../../src/sealed-records.ts'
import { encryptionKeyOf, macKeyOf, openIndependently, secretAfter } from '../support/independent-records.ts'
import { type AcceptedVector, type RejectedVector, recordLayerVectors } from '../support/record-layer-vectors.ts'

const vectors: (AcceptedVector | RejectedVector)[] = JSON.parse(
  readFileSync(new URL('../vectors/record-layer.json', import.meta.url), 'utf8'),
)
const accepted = vectors.filter(vector => vector.result === 'accepted')
const rejected = vectors.filter(vector => vector.result === 'bad-record')

const hex = (text: string) => Buffer.from(text, 'hex')
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function receiver(direction: DirectionByte, secret: string) {
  const sendDirection = direction === 0 ? 1 : 0
  return sealedRecords({ sendSecret: new Uint8Array(32), receiveSecret: hex(secret), sendDirection })
}

test('the committed vectors are what the code produces', () => {
  expect(recordLayerVectors()).toEqual(vectors)
})

test.each([0, 1] as const)('a receiver opens the records of direction %d in order', direction => {
  const records = accepted.filter(vector => vector.direction === direction)
  const side = receiver(direction, records[0]?.secret ?? '')
  for (const { batch, body } of records) expect(toHex(side.open(hex(body)))).toBe(batch)
})

test.each(rejected)('a receiver refuses: $name', ({ direction, secret, body }) => {
  expect(() => receiver(direction, secret).open(hex(body))).toThrow(expect.objectContaining({ code: 'bad-record' }))
})

test.each(vectors)('keys by nothing but HMAC: $name', ({ secret, encryptionKey, macKey }) => {
  expect(toHex(encryptionKeyOf(hex(secret)))).toBe(encryptionKey)
  expect(toHex(macKeyOf(hex(secret)))).toBe(macKey)
})

test.each(accepted)('by nothing but AES and HMAC: $name', vector => {
  const { secret, encryptionKey, macKey, direction, sequence, random, chain, iv, ciphertext, macInput, tag } = vector
  expect(vector.body).toBe(iv + ciphertext + tag)
  expect(createHmac('sha256', hex(macKey)).update(hex(macInput)).digest('hex')).toBe(tag)

  const { batch, keyUpdate, plaintext, nextSecret } = vector
  const opened = openIndependently(hex(secret), direction, sequence, hex(vector.body))
  expect(opened).toEqual({ batch: hex(batch), keyUpdate, plaintext: hex(plaintext), macInput: hex(macInput) })
  expect(keyUpdate ? toHex(secretAfter(hex(secret))) : null).toBe(nextSecret)

  const cbc = createCipheriv('aes-256-cbc', hex(encryptionKey), hex(chain))
  expect(cbc.update(random + plaintext, 'hex', 'hex')).toBe(iv + ciphertext)
})

test.each(rejected)('the independent receiver refuses it too: $name', ({ secret, direction, sequence, body }) => {
  expect(openIndependently(hex(secret), direction, sequence, hex(body))).toBeNull()
})
