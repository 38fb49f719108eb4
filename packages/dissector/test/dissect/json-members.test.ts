import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { elementsOf, jsonObject, type JsonValue, membersOf, stringOf, textOf } from '../../src/message/json-members.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

/** Reads a value back by nothing but the places of its parts. */
function rebuilt(bytes: Uint8Array, value: JsonValue): unknown {
  switch (value.kind) {
    case 'object':
      return Object.fromEntries([...membersOf(bytes, value)].map(([name, member]) => [name, rebuilt(bytes, member)]))
    case 'array':
      return elementsOf(bytes, value).map(element => rebuilt(bytes, element))
    case 'string':
      return stringOf(bytes, value)
    default:
      return JSON.parse(textOf(bytes, value.from, value.to))
  }
}

const key = fc.string({ unit: 'binary', maxLength: 6 }).filter(name => name !== '__proto__')
const anyObject = fc.dictionary(key, fc.jsonValue({ maxDepth: 3, noUnicodeString: false }) as fc.Arbitrary<unknown>, {
  maxKeys: 5,
})
const layout = fc.constantFrom('', ' ', '\t', '\n', '\r\n')
/** The same text with white space in it, wherever JSON.stringify can be made to put some. */
const written = fc.tuple(anyObject, fc.integer({ min: 0, max: 3 }), layout, layout)

test('every value stands where the places say', () => {
  fc.assert(
    fc.property(written, ([object, indent, before, after]) => {
      const bytes = bytesOf(before + JSON.stringify(object, null, indent) + after)
      const found = jsonObject(bytes)
      expect(found).not.toBeNull()
      if (found !== null) expect(rebuilt(bytes, found)).toEqual(JSON.parse(JSON.stringify(object)))
    }),
  )
})

test('what JSON.parse refuses is refused, and so is all that is no object', () => {
  const damaged = fc.tuple(written, fc.nat(), fc.nat(255)).map(([[object, indent], at, byte]) => {
    const bytes = bytesOf(JSON.stringify(object, null, indent))
    bytes[at % bytes.length] = byte
    return bytes
  })
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 40 })), bytes => {
      let parsed: unknown
      try {
        parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
      } catch {
        parsed = null
      }
      const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      expect(jsonObject(bytes) !== null).toBe(isObject)
    }),
    { numRuns: 2_000 },
  )
})

test.each(['[]', '1', '"a"', 'null', '', ' ', '{}{}', '{"a":1,}', '{"a":01}', '\ufeff{}', "{'a':1}", '{"a":"\u0001"}'])(
  '%j is not one object',
  text => expect(jsonObject(bytesOf(text))).toBeNull(),
)

test('64 levels are taken, 65 are not', () => {
  const nested = (levels: number) => bytesOf(`{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`)
  expect(jsonObject(nested(64))).not.toBeNull()
  expect(jsonObject(nested(65))).toBeNull()
  expect(jsonObject(nested(1_000_000))).toBeNull()
})

test('of two members with one name the later one counts, and half a surrogate pair is replaced', () => {
  const bytes = bytesOf('{"a":1,"\\u0061":"x\\ud800y"}')
  const object = jsonObject(bytes)
  const value = object === null ? undefined : membersOf(bytes, object).get('a')
  expect(value).toEqual({ kind: 'string', from: 16, to: 26 })
  expect(value === undefined ? '' : stringOf(bytes, value)).toBe('x\ufffdy')
})
