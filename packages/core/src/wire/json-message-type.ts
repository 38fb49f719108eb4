import type { GenericSchema } from 'valibot'
import { ChatError } from '../errors.ts'
import { readJson } from './json-body.ts'
import type { JsonField, JsonFields } from './json-field.ts'
import { objectSchema, type ValuesOfBody } from './json-schema.ts'
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
