import * as fc from 'fast-check'
import * as v from 'valibot'
import { expect, test } from 'vitest'
import { decodeText, readJson } from '../../src/wire/json-body.ts'
import { jsonMessage } from '../support/json-message.ts'

const schema = v.object({ id: v.number(), name: v.optional(v.string()) })
const badMessage = expect.objectContaining({ name: 'ChatError', code: 'bad-message' })

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string({ unit: 'grapheme' }), (id, name) => {
      expect(readJson(schema, jsonMessage(0x22, { id, name }).body)).toEqual({ id, name })
    }),
  )
})

test('a body is legible UTF-8', () => {
  const { type, body } = jsonMessage(0x22, { name: 'grüß dich' })
  expect(type).toBe(0x22)
  expect(Buffer.from(body).toString('utf8')).toBe('{"name":"grüß dich"}')
})

test('fields that nobody asked for are ignored', () => {
  expect(readJson(schema, Buffer.from('{"id":1,"admin":true,"__proto__":{"name":"x"}}'))).toEqual({ id: 1 })
})

test.each([
  ['the last of two fields of one name counts', '{"id":1,"id":2}', { id: 2 }],
  ['1.0 and 10e-1 are 1', '{"id":1.0,"id":10e-1}', { id: 1 }],
  ['blanks and escapes are free', ' {\r\n\t"\\u0069d" : 1 } ', { id: 1 }],
  [
    'an escaped half of a surrogate pair is a character like any other',
    '{"id":1,"name":"\\ud800"}',
    { id: 1, name: '\ud800' },
  ],
])('%s', (_, body, read) => {
  expect(readJson(schema, Buffer.from(body))).toEqual(read)
})

test.each([
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['half of it', '{"id":1'],
  ['more than it', '{"id":1}{}'],
  ['an array', '[1]'],
  ['a number', '1'],
  ['null', 'null'],
  ['a missing field', '{}'],
  ['a field of another type', '{"id":"1"}'],
  ['a byte order mark', '\ufeff{"id":1}'],
  ['brackets without an end', '['.repeat(65_536)],
])('%s is bad-message', (_, body) => {
  expect(() => readJson(schema, Buffer.from(body))).toThrow(badMessage)
})

test.each([
  ['a stray byte', 'ff'],
  ['an overlong slash', 'c0af'],
  ['half a character', 'e282'],
  ['a surrogate', 'eda080'],
])('%s is not UTF-8, and what comes after it is read as ever', (_, hex) => {
  expect(() => decodeText(Buffer.from(hex, 'hex'))).toThrow(badMessage)
  expect(decodeText(Buffer.from('grüß dich'))).toBe('grüß dich')
})

test('a fault names the field and quotes only a little of what came', () => {
  const long = JSON.stringify({ id: 'x'.repeat(60_000) })
  let message = ''
  try {
    readJson(schema, Buffer.from(long))
  } catch (error) {
    message = error instanceof Error ? error.message : ''
  }
  expect(message).toMatch(/^id: /)
  expect(message.length).toBeLessThanOrEqual(200)
})
