import type { Field } from './field.ts'
import { elementsOf, type JsonValue, jsonObject, membersOf, stringOf, textOf } from './json-members.ts'
import type { Layout, Member, Part } from './layout.ts'

/** Numbers of JSON bodies are ids, ports, sizes and counts: whole, and exact as a double. */
const WHOLE_NUMBER = /^(?:0|[1-9][0-9]{0,15})$/

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the fields of a body.
 *
 * @param at where the body begins in its frame: the places of the fields count from the frame
 * @returns null when the body does not have that shape
 */
export function readBody(frame: Uint8Array, at: number, { parts, members }: Layout): Field[] | null {
  const fixed = parts.reduce((sum, { size }) => sum + (size === 'rest' ? 0 : size), 0)
  const rest = frame.length - at - fixed
  const restAllowed = members !== null || parts.some(({ size }) => size === 'rest')
  if (rest < 0 || (rest > 0 && !restAllowed)) return null

  const fields: Field[] = []
  let from = at
  for (const part of parts) {
    const to = from + (part.size === 'rest' ? rest : part.size)
    const value = valueOf(frame.subarray(from, to), part)
    if (value === null) return null
    fields.push({ name: part.field, value, place: { at: from, length: to - from } })
    from = to
  }
  if (members === null) return fields
  const json = readMembers(frame.subarray(from), from, members)
  return json === null ? null : [...fields, ...json]
}

function valueOf(bytes: Uint8Array, { as, atLeast = 0, step = 1, equals }: Part): string | null {
  if (bytes.length < atLeast || bytes.length % step !== 0) return null
  if (as === 'bytes') return hexOf(bytes)
  if (as === 'number') return BigInt(`0x${hexOf(bytes)}`).toString()
  const text = textIn(bytes)
  return equals === undefined || text === equals ? text : null
}

/** @returns null when it is not UTF-8 */
function textIn(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

function readMembers(bytes: Uint8Array, start: number, members: readonly Member[]): Field[] | null {
  const object = jsonObject(bytes)
  if (object === null) return null
  const fields: Field[] = []
  for (const { field, path, as } of members) {
    const values = valuesAt(bytes, [object], path.split(/\.|(?=\[\])/))
    if (values === null) return null
    for (const value of values) {
      if (value.kind !== as) return null
      const text = as === 'string' ? stringOf(bytes, value) : textOf(bytes, value.from, value.to)
      if (as === 'number' && !(WHOLE_NUMBER.test(text) && Number.isSafeInteger(Number(text)))) return null
      const quote = as === 'string' ? 1 : 0
      const from = value.from + quote
      fields.push({ name: field, value: text, place: { at: start + from, length: value.to - quote - from } })
    }
  }
  return fields
}

/** The values at the end of a path, without nulls; null when something on the way is no object or array. */
function valuesAt(bytes: Uint8Array, from: readonly JsonValue[], path: readonly string[]): JsonValue[] | null {
  let values = [...from]
  for (const step of path) {
    if (values.some(({ kind }) => kind !== (step === '[]' ? 'array' : 'object'))) return null
    values = values
      .flatMap(value => (step === '[]' ? elementsOf(bytes, value) : (membersOf(bytes, value).get(step) ?? [])))
      .filter(({ kind }) => kind !== 'null')
  }
  return values
}
