import { type BodyPart, sizeOf } from '@p2p-secure-chat/core/wire/body-part'
import type { MessageType } from '@p2p-secure-chat/core/wire/message-type'
import { MARK_FIELD, type ShownMember, shownMembers, shownPart } from '@p2p-secure-chat/core/wire/shown-field'
import type { Field } from './field.ts'
import { elementsOf, jsonObject, type JsonValue, membersOf, stringOf, textOf } from './json-members.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the fields of a body as its type describes it: kinds and places, and not the bounds of values, since a reader
 * shows what a receiver would refuse.
 *
 * @param at where the body begins in its frame: the places of the fields count from the frame
 * @returns null when the body does not have that shape
 */
export function readBody(frame: Uint8Array, at: number, type: MessageType): Field[] | null {
  const { mark, parts } = type
  if (textIn(frame.subarray(at, at + mark.length)) !== mark) return null
  const marked = { name: MARK_FIELD.name, value: mark, place: { at, length: mark.length } }
  const from = at + mark.length
  const fields = type.fields === null ? readParts(frame, from, parts) : readMembers(frame, from, shownMembers(type))
  if (fields === null) return null
  return mark === '' ? fields : [marked, ...fields]
}

function readParts(frame: Uint8Array, start: number, parts: readonly BodyPart[]): Field[] | null {
  const fixed = parts.reduce((sum, part) => sum + (isOpen(part) ? 0 : sizeOf(part).least), 0)
  const rest = frame.length - start - fixed
  if (rest < 0 || (rest > 0 && !parts.some(isOpen))) return null
  const fields: Field[] = []
  let from = start
  for (const part of parts) {
    const to = from + (isOpen(part) ? rest : sizeOf(part).least)
    const value = valueOf(frame.subarray(from, to), part)
    if (value === null) return null
    fields.push({ name: shownPart(part).name, value, place: { at: from, length: to - from } })
    from = to
  }
  return fields
}

/** Whether it has no size of its own. */
function isOpen({ kind }: BodyPart): boolean {
  return kind === 'text' || kind === 'rest'
}

function valueOf(bytes: Uint8Array, part: BodyPart): string | null {
  if (part.kind === 'text') return textIn(bytes)
  if (part.kind === 'rest' && (bytes.length < part.least || bytes.length % part.step !== 0)) return null
  return shownPart(part).kind === 'number' ? BigInt(`0x${hexOf(bytes)}`).toString() : hexOf(bytes)
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

/** What each kind of value is shown as; null where it is not what a message may have. */
const TEXT_OF = {
  string: stringOf,
  boolean: (bytes: Uint8Array, { from, to }: JsonValue) => textOf(bytes, from, to),
  /** Ids, ports, sizes and counts: whole, exact as a double, and however they are spelt. */
  number(bytes: Uint8Array, { from, to }: JsonValue) {
    const number = Number(textOf(bytes, from, to))
    return Number.isSafeInteger(number) && number >= 0 ? String(number) : null
  },
}

function readMembers(frame: Uint8Array, start: number, members: readonly ShownMember[]): Field[] | null {
  const bytes = frame.subarray(start)
  const object = jsonObject(bytes)
  if (object === null) return null
  const fields: Field[] = []
  for (const { name, path, as } of members) {
    const values = valuesAt(bytes, [object], path.split(/\.|(?=\[\])/))
    if (values === null) return null
    for (const value of values) {
      if (value.kind !== as) return null
      const text = TEXT_OF[as](bytes, value)
      if (text === null) return null
      const quote = as === 'string' ? 1 : 0
      const from = value.from + quote
      fields.push({ name, value: text, place: { at: start + from, length: value.to - quote - from } })
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
