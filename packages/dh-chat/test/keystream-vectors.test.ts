import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type KeystreamVector, keystreamVectors } from './support/keystream-vectors.ts'

const vectors: KeystreamVector[] = JSON.parse(readFileSync(new URL('vectors/keystream.json', import.meta.url), 'utf8'))

const hex = (text: string) => Buffer.from(text, 'hex')

function xor(a: string, b: string): string {
  const other = hex(b)
  return Buffer.from(hex(a).map((byte, i) => byte ^ other.readUInt8(i))).toString('hex')
}

test('the committed vectors are what the code produces', () => {
  expect(keystreamVectors()).toEqual(vectors)
})

test.each(vectors)('by nothing but HMAC and XOR: $name', ({ key, used, blocks, stream, batch, body, opened }) => {
  const first = Math.floor(used / 32)
  blocks.forEach(({ counter, hmac }, i) => {
    expect(BigInt(`0x${counter}`)).toBe(BigInt(first + i))
    expect(counter).toHaveLength(16)
    expect(createHmac('sha256', hex(key)).update(hex(counter)).digest('hex')).toBe(hmac)
  })
  const bytes = hex(blocks.map(({ hmac }) => hmac).join(''))
  expect(bytes.subarray(used % 32, (used % 32) + hex(batch).length).toString('hex')).toBe(stream)
  expect(xor(body, stream)).toBe(opened)
})

test('only the record altered on the way arrives as something else', () => {
  const altered = vectors.filter(({ batch, opened }) => batch !== opened)
  expect(altered.map(({ opened }) => hex(opened).subarray(5).toString())).toEqual(['pay 90'])
  expect(vectors.filter(({ stream, batch, body }) => xor(stream, batch) !== body)).toEqual(altered)
})
