import * as v from 'valibot'
import type { GenericSchema } from 'valibot'
import { ChatError } from '../errors.ts'
import { readJson } from './json-body.ts'
import type { JsonField, JsonFields, ValuesOf } from './json-field.ts'
import type { Declaration, MessageType } from './message-type.ts'

interface JsonDeclaration<Fields extends JsonFields, Either extends readonly JsonFields[]>
  extends Declaration<ValuesOfBody<Fields, Either>> {
  readonly limit: number
  readonly mark?: string
  readonly fields: Fields
  readonly either?: Either
}

/** Describes a type whose body is one UTF-8 JSON object, behind a mark if it has one. */
export function jsonMessageType<Fields extends JsonFields, const Either extends readonly JsonFields[] = []>(
  declaration: JsonDeclaration<Fields, Either>,
): MessageType<ValuesOfBody<Fields, Either>> {
  const { type, mark = '', fields, either } = declaration
  const hasCounters = [fields, ...(either ?? [])].some(hold => Object.values(hold).some(holdsCounter))
  // Built at the first message: a program that receives none of a type need not pay for it at its start.
  let schema: GenericSchema<unknown, ValuesOfBody<Fields, Either>> | null = null
  return {
    ...declaration,
    mark,
    parts: [],
    either: either ?? [],
    read(body) {
      schema ??= objectSchema(fields, either)
      return readJson(schema, mark === '' ? body : behind(mark, body))
    },
    message: values => ({
      type,
      body: Buffer.from(mark + JSON.stringify(values, hasCounters ? countersAsText : undefined)),
    }),
  }
}

/** @throws {ChatError} `bad-message` when the body does not begin with the mark */
function behind(mark: string, body: Uint8Array): Uint8Array {
  if (!Buffer.from(mark).equals(body.subarray(0, mark.length))) {
    throw new ChatError('bad-message', `the body does not begin with ${mark}`)
  }
  return body.subarray(mark.length)
}

function holdsCounter(field: JsonField): boolean {
  if (field.kind === 'list') return holdsCounter(field.item)
  return field.kind === 'counter' || (field.kind === 'object' && Object.values(field.fields).some(holdsCounter))
}

function countersAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

/** Plain decimal notation and nothing else, so that it is safe to print. */
const DECIMAL = /^-?\d+(?:\.\d+)?$/

/** Up to 20 digits: 2^64 - 1 has as many. */
const COUNTER = /^(?:0|[1-9][0-9]{0,19})$/

/** What a body with these fields, and those of one alternative, is in the program. */
export type ValuesOfBody<Fields, Either extends readonly JsonFields[]> = ValuesOf<Fields> & ValuesOfOne<Either[number]>

type ValuesOfOne<Fields> = [Fields] extends [never] ? unknown : Fields extends JsonFields ? ValuesOf<Fields> : never

/**
 * The schema of an object with these fields; others are ignored.
 *
 * @param either further fields, of which it has those of one row; undefined for no more
 */
export function objectSchema<Fields extends JsonFields, Either extends readonly JsonFields[] = []>(
  fields: Fields,
  either?: Either,
): v.GenericSchema<unknown, ValuesOfBody<Fields, Either>>
export function objectSchema(fields: JsonFields, either: readonly JsonFields[] = []): v.GenericSchema {
  if (either.length > 0) return v.union(either.map(more => objectSchema({ ...fields, ...more })))
  return v.object(Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)])))
}

function fieldSchema(field: JsonField): v.GenericSchema {
  const schema = kindSchema(field)
  const orNull = field.nullable ? v.nullable(schema) : schema
  return field.optional ? v.optional(orNull) : orNull
}

function kindSchema(field: JsonField): v.GenericSchema {
  switch (field.kind) {
    case 'text':
      return textSchema(field)
    case 'hex':
      return v.pipe(v.string(), v.regex(field.bytes === null ? /^(?:[0-9a-f]{2})+$/ : hexOf(field.bytes)))
    case 'number':
      return v.pipe(v.number(), v.safeInteger(), v.minValue(field.least), v.maxValue(field.most))
    case 'counter':
      return v.pipe(
        v.string(),
        v.regex(COUNTER),
        v.transform((digits: string) => BigInt(digits)),
      )
    case 'decimal':
      return v.pipe(v.string(), v.regex(DECIMAL))
    case 'boolean':
      return v.boolean()
    case 'word':
      return v.picklist(field.words)
    case 'list':
      return v.pipe(v.array(fieldSchema(field.item)), v.minLength(field.least), v.maxLength(field.most))
    case 'object':
      return field.unchecked ? v.record(v.string(), v.unknown()) : objectSchema(field.fields)
  }
}

function textSchema({ least, most, of }: JsonField & { kind: 'text' }): v.GenericSchema {
  if (of !== null)
    return v.pipe(v.string(), v.regex(new RegExp(`^[${of}]{${least},${most === Infinity ? '' : most}}$`)))
  return most === Infinity && least === 0 ? v.string() : v.pipe(v.string(), v.minLength(least), v.maxLength(most))
}

const hexOf = (bytes: number) => new RegExp(`^[0-9a-f]{${2 * bytes}}$`)
