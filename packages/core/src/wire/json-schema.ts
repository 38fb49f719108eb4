import * as v from 'valibot'
import type { JsonField, JsonFields, ValuesOf } from './json-field.ts'

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
