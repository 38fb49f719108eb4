import { PEER_AES, SEALED_RECORD } from '@p2p-secure-chat/aes-chat/messages'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { type BodyPart, sizeOf } from '@p2p-secure-chat/core/wire/body-part'
import { encodeFrame, frameDecoder, type FrameLimits } from '@p2p-secure-chat/core/wire/frame'
import type { JsonField, JsonFields } from '@p2p-secure-chat/core/wire/json-field'
import { limitsOf, type MessageType } from '@p2p-secure-chat/core/wire/message-type'
import { KEYSTREAM_RECORD } from '@p2p-secure-chat/dh-chat/messages'
import { describe, expect, test } from 'vitest'
import { allTypes, PROTOCOLS } from '../../src/message/protocols.ts'
import { readMessage } from '../../src/message/read-message.ts'

const TYPES = [...allTypes(PROTOCOLS), KEYSTREAM_RECORD, SEALED_RECORD]

const bodyOf = (type: MessageType, value: unknown) => Buffer.from(type.mark + JSON.stringify(value))

/** What becomes of a body: `read`, or the code of its refusal. */
function outcome(type: MessageType, body: Uint8Array): string {
  try {
    type.read(body)
    return 'read'
  } catch (error) {
    if (error instanceof ChatError) return error.code
    throw error
  }
}

test('every type is there, and each has another number', () => {
  expect(allTypes(PROTOCOLS)).toHaveLength(34)
  const numbers = new Map<number, string>()
  for (const { type, name } of TYPES) {
    expect(numbers.get(type) ?? name).toBe(name)
    numbers.set(type, name)
  }
})

describe.each(TYPES.map(type => [type.name, type] as const))('%s', (_, type) => {
  test('comes back as it was sent, and the reader of captures takes it', () => {
    const { body } = type.message(type.example)
    expect(type.read(body)).toEqual(type.example)
    expect(body.length).toBeLessThanOrEqual(type.limit)
    const read = readMessage(encodeFrame({ type: type.type, body }), null, 'on the wire')
    expect([read.name, read.sound]).toEqual([type.name, true])
  })
})

/** The objects that a JSON body may be. */
const objectsOf = ({ fields, either }: MessageType) =>
  either.length === 0 ? [fields ?? {}] : either.map(some => ({ ...fields, ...some }))

describe.each(TYPES.filter(({ fields }) => fields !== null).map(type => [type.name, type] as const))(
  'the JSON of %s',
  (_, type) => {
    const edges = objectsOf(type).map(objectEdges)

    test('is read up to each bound', () => {
      for (const value of edges.flatMap(({ inside }) => inside)) {
        const body = bodyOf(type, value)
        expect([value, outcome(type, body)]).toEqual([value, 'read'])
        expect(body.length, 'the limit leaves room for it').toBeLessThanOrEqual(type.limit)
        expect(type.read(type.message(type.read(body)).body)).toEqual(type.read(body))
      }
    })

    test('is bad-message beyond each bound', () => {
      const outside = edges.flatMap(({ outside }) => outside)
      expect(outside.length).toBeGreaterThan(4)
      for (const value of outside) expect([value, outcome(type, bodyOf(type, value))]).toEqual([value, 'bad-message'])
    })

    test('is bad-message where it is no JSON in UTF-8, or its mark is another', () => {
      const good = Buffer.from(type.message(type.example).body)
      const wrong = ['', '{', '\ufeff{}', '{}{}', 'null'].map(text => Buffer.from(type.mark + text))
      const latin = Buffer.concat([good.subarray(0, -1), Buffer.from([0x2c, 0x22, 0xe4, 0x22, 0x3a, 0x31, 0x7d])])
      const marked = type.mark === '' ? [] : [good.subarray(1), Buffer.concat([Buffer.from('p'), good.subarray(1)])]
      for (const body of [...wrong, latin, ...marked])
        expect([body.toString(), outcome(type, body)]).toEqual([body.toString(), 'bad-message'])
    })
  },
)

describe.each(TYPES.filter(({ fields }) => fields === null).map(type => [type.name, type] as const))(
  'the bytes of %s',
  (_, type) => {
    const sizes = type.parts.map(sizeOf)
    const least = sizes.reduce((sum, size) => sum + size.least, 0)
    const step = Math.max(1, ...type.parts.map(part => (part.kind === 'rest' ? part.step : 1)))

    test('are as many as their parts may have', () => {
      const lengths: [number, string][] = [
        [least, 'read'],
        [type.limit - ((type.limit - least) % step), 'read'],
        [least - 1, 'bad-message'],
        [type.limit + 1, 'bad-message'],
        ...(step === 1 ? [] : [[least + 1, 'bad-message'] as [number, string]]),
      ]
      for (const [length, expected] of lengths.filter(([length]) => length >= 0)) {
        expect([length, outcome(type, new Uint8Array(length))]).toEqual([length, expected])
      }
    })

    test('hold numbers and texts as each part allows them', () => {
      let at = 0
      for (const part of type.parts) {
        for (const [bytes, expected] of partEdges(part)) {
          const body = new Uint8Array(Math.max(least, at + bytes.length))
          body.set(bytes, at)
          expect([part.name, bytes, outcome(type, body)]).toEqual([part.name, bytes, expected])
        }
        at += sizeOf(part).least
      }
    })
  },
)

function partEdges({ kind }: BodyPart): [Uint8Array, string][] {
  switch (kind) {
    case 'u32':
      return [[new Uint8Array(4).fill(0xff), 'read']]
    case 'u64':
      return [[new Uint8Array(8).fill(0xff), 'read']]
    case 'offset':
      return [
        [Uint8Array.of(0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), 'read'],
        [Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0), 'bad-message'],
      ]
    case 'text':
      return [
        [Buffer.from('\ufefftea \u{1f375}'), 'read'],
        [Uint8Array.of(0xc0, 0xaf), 'bad-message'],
        [Uint8Array.of(0xed, 0xa0, 0x80), 'bad-message'],
      ]
    case 'bytes':
    case 'rest':
      return []
  }
}

/** What a decoder says of a header alone: `waits` for the body, or the code of its refusal. */
function atHeader(limits: FrameLimits, type: number, length: number): string {
  const header = new Uint8Array(5)
  new DataView(header.buffer).setUint32(0, 1 + length)
  header[4] = type
  const decoder = frameDecoder(limits)
  decoder.feed(header)
  try {
    return decoder.next() === null ? 'waits' : 'read'
  } catch (error) {
    if (error instanceof ChatError) return error.code
    throw error
  }
}

const PLACES = PROTOCOLS.flatMap(({ name, wire, records }) => [
  [`${name} on the wire`, wire] as const,
  ...(records === null ? [] : [[`${name} in a record`, records] as const]),
])

test.each(PLACES)('%s carries its own types up to their limits, and a decoder knows at the header', (_, types) => {
  const limits = limitsOf(types)
  for (const { type, limit } of types) {
    expect(atHeader(limits, type, limit)).toBe(limit === 0 ? 'read' : 'waits')
    expect(atHeader(limits, type, limit + 1)).toBe('too-large')
  }
  for (const { type } of TYPES.filter(({ type }) => !limits.has(type))) {
    expect(atHeader(limits, type, 0)).toBe('unknown-type')
  }
})

test('a key update stands in records of the aes rung alone', () => {
  const places = PLACES.filter(([, types]) => types.some(({ name }) => name === 'KEY_UPDATE'))
  expect(places.map(([place]) => place)).toEqual([`${PEER_AES.name} in a record`])
})

/** Values at the edges of what a field may be, as they stand in JSON. */
interface Edges {
  readonly inside: readonly unknown[]
  readonly outside: readonly unknown[]
}

/** The edges of an object with these fields: one of them at an edge, or missing, and all others inside. */
function objectEdges(fields: JsonFields): Edges {
  const edges = Object.entries(fields).map(([name, field]) => [name, field, edgesOf(field)] as const)
  const usual = Object.fromEntries(edges.map(([name, , { inside }]) => [name, inside[0]]))
  const without = (left: string) => Object.fromEntries(Object.entries(usual).filter(([name]) => name !== left))
  const at = (side: keyof Edges) =>
    edges.flatMap(([name, , all]) => all[side].map(value => ({ ...usual, [name]: value })))
  const missing = (optional: boolean) =>
    edges.flatMap(([name, field]) => ((field.optional ?? false) === optional ? [without(name)] : []))
  return {
    inside: [usual, { ...usual, unheardOf: 1 }, ...at('inside'), ...missing(true)],
    outside: [...at('outside'), ...missing(false), [], 'text', 1, true],
  }
}

/** The edges of one field. */
function edgesOf(field: JsonField): Edges {
  const { inside, outside } = edgesOfKind(field)
  return field.nullable ? { inside: [...inside, null], outside } : { inside, outside: [...outside, null] }
}

function edgesOfKind(field: JsonField): Edges {
  switch (field.kind) {
    case 'text':
      return textEdges(field)
    case 'hex':
      return hexEdges(field.bytes)
    case 'number': {
      const { least, most } = field
      return { inside: [least, most], outside: [least - 1, most + 1, least + 0.5, String(least), true] }
    }
    case 'counter':
      return { inside: ['0', `1${'0'.repeat(19)}`], outside: ['', '01', '-1', '1.0', `1${'0'.repeat(20)}`, 1] }
    case 'decimal':
      return { inside: ['0', '-20.05', '9'.repeat(1_000)], outside: ['', '.5', '5.', '1e5', '+1', '1 ', 'NaN', 1] }
    case 'boolean':
      return { inside: [true, false], outside: [0, 1, 'true'] }
    case 'word':
      return {
        inside: field.words,
        outside: ['', 'unheard-of', field.words[0]?.toUpperCase(), `${field.words[0]} `, 1],
      }
    case 'list':
      return listEdges(field)
    case 'object': {
      if (field.unchecked) return { inside: [{}, { key: 1 }], outside: ['text', 1] }
      return objectEdges(field.fields)
    }
  }
}

function textEdges({ least, most, of }: JsonField & { kind: 'text' }): Edges {
  const letter = of?.slice(0, 1) ?? 'x'
  const long = most === Infinity ? [] : [letter.repeat(most + 1)]
  const short = least === 0 ? [] : [letter.repeat(least - 1)]
  const strange = of === null ? [] : ['\u00e4', `${letter}\n`, ' '].map(text => text.padStart(least, letter))
  return {
    inside: [letter.repeat(least), ...(most === Infinity ? ['\u{1f375} tea'] : [letter.repeat(most)])],
    outside: [...long, ...short, ...strange, 1, ['text']],
  }
}

function hexEdges(bytes: number | null): Edges {
  const right = 'ab'.repeat(bytes ?? 1)
  const longer = bytes === null ? [] : [`${right}ab`]
  return {
    inside: [right],
    outside: [...longer, right.slice(1), right.slice(2), right.toUpperCase(), `${right.slice(1)}g`, 1],
  }
}

function listEdges({ item, least, most }: JsonField & { kind: 'list' }): Edges {
  const edges = edgesOf(item)
  const copies = (count: number) => Array<unknown>(count).fill(edges.inside[0])
  const filled = (value: unknown) => [...copies(Math.max(0, least - 1)), value]
  return {
    inside: [copies(least), copies(most), ...edges.inside.map(filled)],
    outside: [copies(most + 1), ...(least === 0 ? [] : [copies(least - 1)]), ...edges.outside.map(filled), {}, 'text'],
  }
}
