import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import type { Connection, Side } from '../../src/capture/stream-event.ts'
import type { InnerFrame, Observation, Plaintext, SeenFrame, Spoken } from '../../src/dissect/observation.ts'
import type { Field } from '../../src/message/field.ts'
import type { FindingCode } from '../../src/message/finding.ts'

/** A field by name, value, and place; without a place it was computed. */
const field = (name: string, value: string, at?: number, length = 1): Field => ({
  name,
  value,
  place: at === undefined ? null : { at, length },
})

const findings = (codes: readonly FindingCode[]) => codes.map(code => ({ code, detail: null }))

interface Part {
  readonly name: string
  readonly type: number
  readonly body: Uint8Array
  readonly summary?: string
  readonly fields?: readonly Field[]
  readonly codes?: readonly FindingCode[]
}

const header = (bytes: Uint8Array, type: number) => [
  field('length', String(bytes.length - 4), 0, 4),
  field('type', String(type), 4),
]

/** When the captures of tests begin, in nanoseconds since 1970. */
export const FIRST_TIME = 1_700_000_000_000_000_000n

/** One conversation of a capture that a test makes up, message by message. */
export function talk(number: number, spoken: Spoken, dialler: string, listener: string) {
  const connection: Connection = {
    number,
    dialler: { host: dialler, port: 40_000 + number },
    listener: { host: listener, port: 10_001 },
    whole: true,
  }
  let packet = number * 1_000
  return {
    connection,
    say(from: Side, part: Part, plaintext: Plaintext | null = null): Observation {
      packet += 1
      const bytes = encodeFrame(part)
      const frame: SeenFrame = {
        at: { packet, time: FIRST_TIME + BigInt(packet) * 40_000_000n },
        connection,
        from,
        spoken,
        name: part.name,
        summary: `${part.name} ${part.summary ?? ''}`.trim(),
        bytes,
        fields: [...header(bytes, part.type), ...(part.fields ?? [])],
        findings: findings(part.codes ?? []),
        plaintext,
      }
      return { kind: 'frame', frame }
    },
  }
}

/** The plaintext of a record of the aes rung with one frame in it. */
export function batch(part: Part, bucket: number): Plaintext {
  const inner = encodeFrame(part)
  const bytes = new Uint8Array(bucket)
  new DataView(bytes.buffer).setUint32(0, inner.length)
  bytes.set(inner, 4)
  const frame: InnerFrame = {
    name: part.name,
    summary: `${part.name} ${part.summary ?? ''}`.trim(),
    at: 4,
    bytes: inner,
    fields: [...header(inner, part.type), ...(part.fields ?? [])],
    findings: findings(part.codes ?? []),
  }
  return {
    bytes,
    fields: [
      field('record.batch_length', String(inner.length), 0, 4),
      field('record.padding', '00', 4 + inner.length, bucket - 4 - inner.length),
    ],
    frames: [frame],
  }
}

/** A TEXT, as it stands on the basic rung or inside a record. */
export function textPart(id: number, text: string, codes: readonly FindingCode[] = []): Part {
  const words = Buffer.from(text)
  const body = Buffer.alloc(8 + words.length)
  body.writeBigUInt64BE(BigInt(id))
  words.copy(body, 8)
  return {
    name: 'TEXT',
    type: 0x53,
    body,
    summary: `${id} ${JSON.stringify(text)}`,
    fields: [field('id', String(id), 5, 8), field('text', text, 13, words.length)],
    codes,
  }
}

/** A RECORD of the aes rung; its bytes are as even as those of a cipher. */
export function recordPart(bucket: number, summary: string, codes: readonly FindingCode[] = []): Part {
  const body = Uint8Array.from({ length: bucket + 64 }, (_, index) => (index * 167 + 13 + (index >> 3) * 91) & 0xff)
  return {
    name: 'RECORD',
    type: 0x40,
    body,
    summary,
    fields: [
      field('record.iv', '00', 5, 16),
      field('record.ciphertext', '00', 21, bucket + 16),
      field('record.tag', '00', 37 + bucket, 32),
      field('record.sequence', '0'),
    ],
    codes,
  }
}

/** A control message whose body is JSON; fields are given by name and value, and found in the text. */
export function jsonPart(name: string, type: number, body: object, fields: readonly [string, string][]): Part {
  const text = JSON.stringify(body)
  const placed = fields.map(([key, value]) =>
    field(key, value, 5 + Buffer.byteLength(text.slice(0, text.indexOf(value))), Buffer.byteLength(value)),
  )
  return { name, type, body: Buffer.from(text), summary: fields.map(([, value]) => value).join(' '), fields: placed }
}
