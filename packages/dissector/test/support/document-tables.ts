import { type BodyPart, sizeOf } from '@p2p-secure-chat/core/wire/body-part'
import type { JsonField, JsonFields } from '@p2p-secure-chat/core/wire/json-field'
import type { MessageType } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import { allTypes } from '../../src/message/protocols.ts'

/** The table of message types in docs/protocol.md. */
export function typesTable(protocols: readonly ProtocolDescription[]): string {
  const rows = allTypes(protocols).map(type => [
    `0x${type.type.toString(16).padStart(2, '0')}`,
    type.name,
    shapeOf(type),
    type.limit.toLocaleString('en'),
    type.phase,
    type.from,
  ])
  return markdown(['type', 'name', 'body', 'largest body', 'when', 'who sends it'], rows)
}

/** The table of the fields of JSON bodies, with their bounds. */
export function fieldsTable(protocols: readonly ProtocolDescription[]): string {
  const rows = allTypes(protocols)
    .filter(({ fields }) => fields !== null)
    .map(type => [type.name, fieldsOfBody(type)])
  return markdown(['message', 'fields'], rows)
}

/** One body of each type, one in a line. */
export function exampleLines(protocols: readonly ProtocolDescription[]): string {
  const types = allTypes(protocols).filter(({ limit }) => limit > 0)
  const width = Math.max(...types.map(({ name }) => name.length))
  return types.map(type => `${type.name.padEnd(width)}  ${exampleOf(type)}\n`).join('')
}

function markdown(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return [line(heads), `|${heads.map(() => '---|').join('')}\n`, ...rows.map(line)].join('')
}

function shapeOf({ mark, parts, fields }: MessageType): string {
  const pieces = [...(mark === '' ? [] : [`\`${mark}\``]), ...parts.map(partOf), ...(fields === null ? [] : ['JSON'])]
  return pieces.length === 0 ? 'empty' : pieces.join(' + ')
}

function partOf(part: BodyPart): string {
  const { name } = part
  switch (part.kind) {
    case 'u32':
      return `u32 ${name}`
    case 'u64':
    case 'offset':
      return `u64 ${name}`
    case 'text':
      return `UTF-8 ${name}`
    case 'bytes':
      return `${name} (${part.size})`
    case 'rest':
      return name
  }
}

function fieldsOfBody({ fields, either }: MessageType): string {
  const common = Object.entries(fields ?? {}).map(fieldOf)
  const one = either.map(some => Object.entries(some).map(fieldOf).join('; '))
  return [...common, ...(one.length === 0 ? [] : [`either ${one.join(', or ')}`])].join('; ')
}

function fieldOf([name, field]: [string, JsonField]): string {
  return `\`${name}\`${field.optional ? ' (optional)' : ''}: ${boundsOf(field)}${field.nullable ? ' or null' : ''}`
}

function boundsOf(field: JsonField): string {
  switch (field.kind) {
    case 'text':
      return textBounds(field)
    case 'hex':
      return field.bytes === null ? 'bytes in hex' : `${field.bytes} bytes in hex`
    case 'number':
      return `${amount(field.least)} to ${amount(field.most)}`
    case 'counter':
      return 'string of at most 20 digits'
    case 'decimal':
      return 'string, a decimal number'
    case 'boolean':
      return 'true or false'
    case 'word':
      return wordsOf(field.words.map(word => `\`${word}\``))
    case 'list':
      return `list of ${field.least === 0 ? 'at most' : `${field.least} to`} ${field.most}: ${boundsOf(field.item)}`
    case 'object':
      return objectOf(field.fields)
  }
}

function textBounds({ least, most, of }: JsonField & { kind: 'text' }): string {
  if (most === Infinity) return 'string'
  return `string, ${least === most ? most : `${least} to ${most}`} ${of === null ? 'UTF-16 code units' : `of \`${of}\``}`
}

function objectOf(fields: JsonFields): string {
  return `{ ${Object.entries(fields).map(fieldOf).join('; ')} }`
}

const wordsOf = (words: readonly string[]) => `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`

const amount = (number: number) => (number === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : number.toLocaleString('en'))

function exampleOf(type: MessageType): string {
  const { body } = type.message(type.example)
  if (type.fields !== null) return Buffer.from(body).toString()
  let at = 0
  const room = body.length - type.parts.reduce((sum, part) => sum + sizeOf(part).least, 0)
  return type.parts
    .map(part => {
      const open = part.kind === 'text' || part.kind === 'rest'
      const bytes = body.subarray(at, (at += sizeOf(part).least + (open ? room : 0)))
      return hexOf(bytes)
    })
    .join(' ')
}

/** In hex; many equal bytes as one and their number. */
function hexOf(bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString('hex')
  const alike = bytes.length > 12 && bytes.every(byte => byte === bytes[0])
  return alike ? `${hex.slice(0, 2)}*${bytes.length}` : hex
}
