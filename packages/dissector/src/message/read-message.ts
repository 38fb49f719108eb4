import { KEY_UPDATE } from '@p2p-secure-chat/aes-chat/messages'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import { type Field, valueOf } from './field.ts'
import type { Finding } from './finding.ts'
import { type MessagePlace, typesOf } from './protocols.ts'
import { hexOf, readBody } from './read-body.ts'

/** The values of a message by their fields. */
export interface Values {
  /** The first value; an empty text where there is none. */
  first(field: string): string
  all(field: string): readonly string[]
}

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
  /** What that is made from; more fields may fill more of it. */
  readonly template: string
}

/**
 * Reads one frame.
 *
 * @param frame whole, or the beginning of a frame that has no end: 4 bytes with length 0, or 5 with a length above all
 * limits
 * @param protocol what is spoken; null where nobody knows
 * @param types the descriptions to read by
 */
export function readMessage(
  frame: Uint8Array,
  protocol: Protocol | null,
  place: MessagePlace,
  types = typesOf,
): ReadMessage {
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0)
  const fields: Field[] = [{ name: 'length', value: String(length), place: { at: 0, length: 4 } }]
  if (length === 0) {
    return bad('no type', null, fields, 'a frame of length 0 has no type')
  }
  const type = frame[4] ?? 0
  fields.push({ name: 'type', value: String(type), place: { at: 4, length: 1 } })
  const body = frame.length - HEADER_BYTES
  if (body > 0)
    fields.push({ name: 'body', value: hexOf(frame.subarray(HEADER_BYTES)), place: { at: 5, length: body } })

  const name = types(null, place).get(type)?.name ?? `type 0x${type.toString(16).padStart(2, '0')}`
  const known = types(protocol, place).get(type)
  if (known === undefined) return bad(name, type, fields, 'its type does not belong here')
  const { limit, summary = '', draws = [] } = known
  if (length - 1 > limit) return bad(name, type, fields, `a body of ${length - 1} bytes, where ${limit} are allowed`)
  const read = readBody(frame, HEADER_BYTES, known)
  if (read === null) return bad(name, type, fields, 'its body does not have the shape of its type')

  const values = valuesOf(read)
  const drawn = draws.filter(
    ({ finding, without }) =>
      (finding !== 'plaintext' || place === 'on the wire') &&
      (without === undefined || values.all(without).length === 0),
  )
  return {
    type,
    name,
    sound: true,
    fields: [...fields.filter(({ name }) => name !== 'body'), ...read],
    findings: drawn.map(({ finding }) => ({ code: finding, detail: null })),
    values,
    line: summarise(summary, read),
    template: summary,
  }
}

function bad(name: string, type: number | null, fields: readonly Field[], detail: string): ReadMessage {
  return {
    type,
    name,
    sound: false,
    fields,
    findings: [{ code: 'bad-frame', detail }],
    values: valuesOf([]),
    line: `is no frame of this protocol: ${detail}`,
    template: '',
  }
}

export function valuesOf(fields: readonly Field[]): Values {
  const all = (wanted: string) => fields.filter(({ name }) => name === wanted).map(({ value }) => value)
  return { all, first: name => valueOf({ fields }, name) ?? '' }
}

/** One frame of a batch. */
export interface BatchFrame {
  /** Its place in the batch. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly message: ReadMessage
}

/** What a batch is made of. */
export interface Batch {
  readonly frames: readonly BatchFrame[]
  /** Whether the frames fill it to its end. */
  readonly whole: boolean
  /** Whether the next record of this direction uses the next secret. */
  readonly keyUpdate: boolean
}

/** Cuts a batch into its frames, up to the first one that does not fit. */
export function readBatch(batch: Uint8Array, protocol: SecureProtocol): Batch {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const frames: BatchFrame[] = []
  let keyUpdate = false
  let at = 0
  while (at + HEADER_BYTES <= batch.length) {
    const length = view.getUint32(at)
    const end = at + 4 + length
    if (length === 0 || end > batch.length) break
    const bytes = batch.subarray(at, end)
    const message = readMessage(bytes, protocol, 'in a record')
    const isUpdate = message.type === KEY_UPDATE.type && message.sound
    const misplaced = isUpdate && (at === 0 || end < batch.length)
    keyUpdate = isUpdate && !misplaced
    frames.push({ at, bytes, message: misplaced ? outOfPlace(message) : message })
    at = end
  }
  return { frames, whole: at === batch.length, keyUpdate }
}

function outOfPlace(message: ReadMessage): ReadMessage {
  const detail = 'a key update is the last frame of a batch, and not its only one'
  return { ...message, sound: false, findings: [{ code: 'bad-frame', detail }], line: `is out of place: ${detail}` }
}

/** Most characters of a text that a line shows. */
const SHOWN_CHARACTERS = 60

export const quoted = (text: string) => `"${printableLine(text, SHOWN_CHARACTERS)}"`

/** What a template of a message type (core/wire/message-type.ts) says of these fields. */
export function summarise(template: string, fields: readonly Field[]): string {
  const all = (name: string) => fields.filter(field => field.name === name)
  const valueOf = (name: string) =>
    all(name)
      .map(({ value }) => value)
      .join(', ')
  const bytesOf = (name: string) => all(name).reduce((sum, { place }) => sum + (place?.length ?? 0), 0)
  const isTold = (part: string) => Array.from(part.matchAll(PLACE)).every(([, , name = '']) => valueOf(name) !== '')
  return template
    .replace(CHOICE, (_, said: string, otherwise = '') => (isTold(said) ? said : otherwise))
    .replace(PLACE, (_, size: string, name: string) =>
      size === '' ? printableLine(valueOf(name), SHOWN_CHARACTERS) : String(bytesOf(name)),
    )
}

const CHOICE = /\[([^|\]]*)\|?([^\]]*)\]/g
const PLACE = /\{(#?)([\w.]+)\}/g

/** A whole frame as the message that a transcript takes; its body is a view. */
export function messageOf(frame: Uint8Array): Message {
  return { type: frame[HEADER_BYTES - 1] ?? 0, body: frame.subarray(HEADER_BYTES) }
}
