import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import { REGISTER } from '@p2p-secure-chat/core/wire/message-types'
import { type Field, type FieldName, valueOf } from './field.ts'
import type { Finding } from './finding.ts'
import { limitsOf } from './frame-limits.ts'
import { describedMessage, messageName, type Values } from './message-table.ts'
import { hexOf, readBody } from './read-body.ts'

/** What a frame says, without keys and without what came before it. */
export interface ReadMessage {
  /** Null for a frame of length 0, which has none. */
  readonly type: number | null
  readonly name: string
  /** Whether it follows the protocol as far as its bytes show. */
  readonly sound: boolean
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  readonly values: Values
  /** What follows the name in one line, or an empty text. */
  readonly line: string
}

/**
 * Reads one frame.
 *
 * @param frame whole, or the beginning of a frame that has no end: 4 bytes with length 0, or 5 with a length above all
 * limits
 * @param protocol what is spoken; null where nobody knows
 */
export function readMessage(
  frame: Uint8Array,
  protocol: Protocol | null,
  place: 'on the wire' | 'in a record',
): ReadMessage {
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0)
  const fields: Field[] = [{ name: 'length', value: String(length), place: { at: 0, length: 4 } }]
  if (length === 0) {
    return bad(null, fields, 'a frame of length 0 has no type')
  }
  const type = frame[4] ?? 0
  fields.push({ name: 'type', value: String(type), place: { at: 4, length: 1 } })
  const body = frame.length - HEADER_BYTES
  if (body > 0)
    fields.push({ name: 'body', value: hexOf(frame.subarray(HEADER_BYTES)), place: { at: 5, length: body } })

  const limit = limitsOf(protocol, place).get(type)
  const description = describedMessage(type, protocol)
  if (limit === undefined || description === null) return bad(type, fields, 'its type does not belong here')
  if (length - 1 > limit) return bad(type, fields, `a body of ${length - 1} bytes, where ${limit} are allowed`)
  const read = readBody(frame, HEADER_BYTES, description.layout)
  if (read === null) return bad(type, fields, 'its body does not have the shape of its type')

  const values = valuesOf(read)
  const findings: Finding[] = description.findings.map(code => ({ code, detail: null }))
  if (type === REGISTER && values.all('proof.key').length === 0) {
    findings.push({ code: 'unproven-name', detail: null })
  }
  if (description.content && place === 'on the wire') findings.push({ code: 'plaintext', detail: null })
  return {
    type,
    name: description.name,
    sound: true,
    fields: [...fields.filter(({ name }) => name !== 'body'), ...read],
    findings,
    values,
    line: description.says(values),
  }
}

function bad(type: number | null, fields: readonly Field[], detail: string): ReadMessage {
  return {
    type,
    name: type === null ? 'no type' : messageName(type),
    sound: false,
    fields,
    findings: [{ code: 'bad-frame', detail }],
    values: valuesOf([]),
    line: `is no frame of this protocol: ${detail}`,
  }
}

export function valuesOf(fields: readonly Field[]): Values {
  const all = (wanted: FieldName) => fields.filter(({ name }) => name === wanted).map(({ value }) => value)
  return { all, first: name => valueOf({ fields }, name) ?? '' }
}
