import { inspect } from 'node:util'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { ACCEPT, CALL, NAME, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { CARD, LOOKUP, REGISTER, REGISTERED, USERS, WHO } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { ERROR, GOODBYE, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { type Protocol } from '@p2p-secure-chat/core/wire/hello'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamEvent } from '../../src/capture/stream-event.ts'
import { MAX_CONNECTIONS } from '../../src/capture/streams.ts'
import { dissector } from '../../src/dissect/dissector.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import type { Observation } from '../../src/dissect/observation.ts'
import { bytesInUse } from '../support/heap.ts'
import { secureConversation } from '../support/secure-conversation.ts'
import {
  at,
  connection,
  dissect,
  eventsOf,
  findingsOf,
  fins,
  framesOf,
  fromPort,
  type Said,
  summariesOf,
  valuesOf,
} from '../support/streams.ts'

const said = (from: Said['from'], ...messages: readonly Message[]): Said => ({
  from,
  bytes: Buffer.concat(messages.map(encodeFrame)),
})
const hello = (protocol: Protocol, rung?: Protocol) =>
  HELLO.message(rung === undefined ? { protocol } : { protocol, rung })
const goodbye: Message = { type: GOODBYE.type, body: new Uint8Array() }

const basic = [
  said('dialler', hello('peer-basic/1')),
  said('listener', hello('peer-basic/1'), jsonMessage(NAME.type, { name: 'bob' })),
  said('dialler', jsonMessage(NAME.type, { name: 'alice' }), jsonMessage(CALL.type, { conversation: 'c0' })),
  said('listener', jsonMessage(ACCEPT.type, { conversation: 'd1' })),
  said('dialler', TEXT.message({ id: 1n, text: 'hello' }), TEXT.message({ id: 2n, text: 'bob' })),
  said('listener', RECEIPT.message({ id: 2n }), TEXT.message({ id: 1n, text: 'hi' })),
  said('dialler', RECEIPT.message({ id: 1n }), goodbye),
  said('listener', goodbye),
]

test('a whole conversation, in order', () => {
  const seen = dissect([...eventsOf(basic), ...fins(9)])
  expect(seen[0]).toEqual({ kind: 'conversation', at: at(1), connection, spoken: 'peer-basic/1' })
  expect(seen.at(-1)).toEqual({ kind: 'end', at: at(9), connection })
  expect(framesOf(seen).map(({ at: { packet }, from, summary }) => [packet, from, summary])).toEqual([
    [1, 'dialler', 'HELLO peer-basic/1'],
    [2, 'listener', 'HELLO peer-basic/1'],
    [2, 'listener', 'NAME bob'],
    [3, 'dialler', 'NAME alice'],
    [3, 'dialler', 'CALL'],
    [4, 'listener', 'ACCEPT'],
    [5, 'dialler', 'TEXT "hello"'],
    [5, 'dialler', 'TEXT "bob"'],
    [6, 'listener', 'RECEIPT up to 2'],
    [6, 'listener', 'TEXT "hi"'],
    [7, 'dialler', 'RECEIPT up to 1'],
    [7, 'dialler', 'GOODBYE'],
    [8, 'listener', 'GOODBYE'],
  ])
  expect(findingsOf(seen)).toEqual(['unproven-name', 'unproven-name', 'plaintext', 'plaintext', 'plaintext'])
  expect(framesOf(seen).map(({ fields }) => valuesOf(fields, 'protocol')[0])).toEqual(Array(13).fill('peer-basic/1'))
})

/** Which packet each frame answers, in order; a dash for those that answer none. */
const answered = (steps: readonly Said[]) =>
  framesOf(dissect(eventsOf(steps))).map(({ fields }) => valuesOf(fields, 'response_to')[0] ?? '-')

test('answers name the packet of their request', () => {
  expect(answered(basic)).toEqual(['-', '-', '-', '-', '-', '3', '-', '-', '5', '-', '6', '-', '-'])
  const request = (type: number, id: number) => jsonMessage(type, { id })
  const steps = [
    said('dialler', hello('directory/1', 'peer-basic/1')),
    said('dialler', jsonMessage(REGISTER.type, { name: 'alice' })),
    said('dialler', request(WHO.type, 1)),
    said('dialler', request(LOOKUP.type, 2)),
    said('dialler', request(LOOKUP.type, 3)),
    said('listener', jsonMessage(REGISTERED.type, { name: 'alice' })),
    said('listener', request(CARD.type, 2)),
    said('listener', jsonMessage(ERROR.type, { id: 3, code: 'unknown-user', message: '' })),
    said('listener', request(USERS.type, 1)),
    said('listener', request(CARD.type, 1)),
    said('listener', jsonMessage(ERROR.type, { code: 'name-taken', message: '' })),
    said('dialler', request(CARD.type, 2)),
  ]
  expect(answered(steps)).toEqual(['-', '-', '-', '-', '-', '2', '4', '5', '3', '-', '-', '-'])
})

test('an ERROR in the place of REGISTERED answers the registration', () => {
  const steps = [
    said('dialler', hello('directory/1'), jsonMessage(REGISTER.type, { name: 'alice' })),
    said('listener', jsonMessage(ERROR.type, { code: 'name-taken', message: 'taken' })),
  ]
  expect(answered(steps)).toEqual(['-', '-', '1'])
  expect(findingsOf(dissect([...eventsOf(steps), ...fins(4)]))).toEqual(['unproven-name', 'refused'])
})

test('answers inside records name the packet of the record', () => {
  const talk = secureConversation('peer-aes/1')
  const steps = [
    ...talk.handshake,
    talk.record('dialler', TEXT.message({ id: 1n, text: 'a' }), TEXT.message({ id: 2n, text: 'b' })),
  ]
  const seen = dissect(eventsOf([...steps, talk.record('listener', RECEIPT.message({ id: 2n }))]), talk.keys())
  const [inner] = framesOf(seen).at(-1)?.plaintext?.frames ?? []
  expect(valuesOf(inner?.fields ?? [], 'response_to')).toEqual([String(steps.length)])
})

test('only the latest 1,024 requests are remembered', () => {
  const texts = Array.from({ length: 1_025 }, (_, i) => TEXT.message({ id: BigInt(i + 1), text: '' }))
  const steps = [
    said('dialler', hello('peer-basic/1'), ...texts),
    said('listener', RECEIPT.message({ id: 1n }), RECEIPT.message({ id: 2n })),
  ]
  expect(answered(steps).slice(-2)).toEqual(['-', '1'])
})

describe('what a connection is', () => {
  const one = said('dialler', TEXT.message({ id: 1n, text: 'hello' }))
  const told = (events: readonly StreamEvent[]) =>
    dissect(events).flatMap(seen => (seen.kind === 'conversation' ? [seen.spoken] : []))

  test('ours by a hello, on any port', () => {
    expect(told(eventsOf(basic, fromPort(143)))).toEqual(['peer-basic/1'])
  })

  test('ours by hellos that come byte by byte, now from one side and now from the other', () => {
    const bytes = (step: Said | undefined) => [...(step?.bytes ?? [])].map(byte => Uint8Array.of(byte))
    const theirs = bytes(basic[1])
    const steps = bytes(basic[0]).flatMap((byte, i): Said[] => [
      { from: 'dialler', bytes: byte },
      { from: 'listener', bytes: theirs[i] ?? new Uint8Array() },
    ])
    expect(summariesOf(dissect(eventsOf(steps)))).toEqual(['HELLO peer-basic/1', 'HELLO peer-basic/1'])
  })

  test('ours by the hello that comes second, and nothing before it is lost', () => {
    const busy = said('listener', jsonMessage(ERROR.type, { code: 'too-many', message: 'full' }))
    const seen = dissect(eventsOf([busy, said('dialler', hello('calc/1'))]))
    expect(framesOf(seen).map(({ at: { packet }, name }) => [packet, name])).toEqual([
      [1, 'ERROR'],
      [2, 'HELLO'],
    ])
    expect(told(eventsOf([busy, said('dialler', hello('calc/1'))]))).toEqual([null, 'calc/1'])
  })

  test('a hello of a protocol that nobody knows is read, and so is what follows', () => {
    const seen = dissect(eventsOf([said('dialler', jsonMessage(HELLO.type, {})), one]))
    expect(seen).toEqual([])
    const other = said(
      'dialler',
      { type: HELLO.type, body: Buffer.from('P2PC{"protocol":"peer-aes/2"}') },
      TEXT.message({ id: 1n, text: 'a' }),
    )
    expect(summariesOf(dissect(eventsOf([other])))).toEqual(['HELLO peer-aes/2', 'TEXT "a"'])
    expect(told(eventsOf([other]))).toEqual([null])
  })

  test.each([10_000, 10_001])(
    'in mid-conversation on port %d, from the first segment that begins with a frame',
    port => {
      const on = fromPort(port, { whole: false })
      const rest: Said = { from: 'dialler', bytes: one.bytes.subarray(7) }
      const seen = dissect(eventsOf([rest, one, said('listener', RECEIPT.message({ id: 1n }))], on))
      expect(summariesOf(seen)).toEqual(['TEXT "hello"', 'RECEIPT up to 1'])
      expect(findingsOf(seen)).toEqual(['mid-conversation', 'plaintext'])
      expect(dissect(eventsOf([one], fromPort(10_002, { whole: false })))).toEqual([])
    },
  )

  test.each([
    ['a web server', 'GET / HTTP/1.1\r\n', 'HTTP/1.1 200 OK\r\n'],
    ['something binary', '\x80\0\0\x24\0\0\0\x01', '\x80\0\0\x24\0\0\0\x02'],
    ['one number alone', '12345', 'no number'],
  ])('%s is none of ours, on any port', (_, there, back) => {
    const steps = [
      { from: 'dialler', bytes: Buffer.from(there, 'latin1') },
      { from: 'listener', bytes: Buffer.from(back, 'latin1') },
      said('dialler', hello('calc/1')),
    ] as const
    for (const on of [fromPort(80), fromPort(10_000)])
      expect(dissect([...eventsOf(steps, on), ...fins(5, on)])).toEqual([])
  })
})

describe('how it ended', () => {
  const cutOf = (events: readonly StreamEvent[]) =>
    dissect(events).flatMap(seen =>
      seen.kind === 'finding' && seen.finding.code === 'cut' ? [seen.finding.detail] : [],
    )
  const reset: StreamEvent = { kind: 'end', at: at(9), connection, from: 'listener', how: 'reset' }

  test('with two goodbyes it was not cut, not even by a reset', () => {
    expect(cutOf([...eventsOf(basic), reset])).toEqual([])
  })
  test('who did not say goodbye is named', () => {
    expect(cutOf([...eventsOf(basic.slice(0, -1)), ...fins(9)])).toEqual(['10.0.0.3:40001 ended without a goodbye'])
    expect(cutOf([...eventsOf(basic.slice(0, -2)), reset])).toEqual([
      '10.0.0.2:50000 and 10.0.0.3:40001 ended without a goodbye',
    ])
  })
  test('in the middle of a frame', () => {
    const half = basic.map((step, i) => (i === 7 ? { ...step, bytes: step.bytes.subarray(0, 3) } : step))
    expect(cutOf([...eventsOf(half), ...fins(9)])).toEqual(['10.0.0.3:40001 ended in the middle of a message'])
  })
  test('after an error that answers no request it may end', () => {
    const error = said('listener', jsonMessage(ERROR.type, { code: 'bad-message', message: 'refused' }))
    expect(cutOf([...eventsOf([...basic.slice(0, 3), error]), ...fins(9)])).toEqual([])
  })
  test('one direction alone is no end', () => {
    expect(dissect([...eventsOf(basic), ...fins(9).slice(0, 1)]).at(-1)?.kind).toBe('frame')
  })
})

test('a hole in the capture and what is odd in it are said', () => {
  const gap: StreamEvent = { kind: 'gap', at: at(7), connection, from: 'dialler', missing: 3 }
  const seen = dissect([
    ...eventsOf(basic.slice(0, 4)),
    gap,
    { kind: 'bytes', at: at(8), connection, from: 'dialler', bytes: Uint8Array.of(9, 9, 9) },
    { kind: 'odd', at: at(9), what: 'a packet that says nothing' },
    ...fins(10),
  ])
  const findings = seen.flatMap(one => (one.kind === 'finding' ? [[one.finding.code, one.finding.detail]] : []))
  expect(findings).toEqual([
    ['gap', '3 bytes of 10.0.0.2:50000'],
    ['not-understood', 'a packet that says nothing'],
    ['not-understood', '3 bytes of 10.0.0.2:50000 after the gap'],
    ['cut', '10.0.0.3:40001 ended without a goodbye'],
  ])
})

test('a connection that was given up for others and goes on is one without its beginning', () => {
  const on = fromPort(10_001, { number: 0 })
  const others = Array.from({ length: MAX_CONNECTIONS }, (_, i) => ({ ...connection, number: i + 1 }))
  const later = said('dialler', jsonMessage(WHO.type, { id: 1, limit: 10 }))
  const seen = dissect([
    ...eventsOf([said('dialler', hello('directory/1'))], on),
    ...others.map(other => ({ kind: 'open', at: at(2), connection: other }) as const),
    ...eventsOf([later], on).slice(1),
  ])
  expect(framesOf(seen).map(({ name, connection: { whole } }) => [name, whole])).toEqual([
    ['HELLO', true],
    ['WHO', false],
  ])
  expect(findingsOf(seen)).toEqual(['mid-conversation'])
})

test('an IPv6 end of a connection is named in brackets, before its port', () => {
  const six = { ...connection, dialler: { host: 'fd00::2', port: 50_000 } }
  const gap: StreamEvent = { kind: 'gap', at: at(7), connection: six, from: 'dialler', missing: 3 }
  const seen = dissect([...eventsOf(basic.slice(0, 4), six), gap])
  expect(seen.flatMap(one => (one.kind === 'finding' ? [one.finding.detail] : []))).toEqual([
    '3 bytes of [fd00::2]:50000',
  ])
})

describe('public values', () => {
  const offer = (group: string, value: string) => {
    const message = jsonMessage(OFFER.type, { groups: [group], group, public: value, nonce: '' })
    const [, frame] = framesOf(dissect(eventsOf([said('dialler', hello('peer-aes/1'), message)])))
    return [valuesOf(frame?.fields ?? [], 'dh.bits')[0], ...(frame?.findings.map(({ code }) => code) ?? [])]
  }
  const { p } = namedGroup('ffdhe2048')

  test.each([
    ['ffdhe2048', '02', ['2048']],
    ['ffdhe2048', '01', ['2048', 'bad-public-value']],
    ['ffdhe2048', (p - 2n).toString(16), ['2048']],
    ['ffdhe2048', (p - 1n).toString(16), ['2048', 'bad-public-value']],
    ['ffdhe2048', 'none', ['2048', 'bad-public-value']],
    ['toy40', '0123456789', ['40', 'small-group']],
    ['toy40', '0000000001', ['40', 'small-group', 'bad-public-value']],
    ['sha256:ab', 'f'.repeat(512), ['2048']],
    ['sha256:ab', 'f'.repeat(510), ['2040', 'small-group']],
  ])('%s', (group, value, expected) => expect(offer(group, value)).toEqual(expected))
})

/** All that was seen, as one text. */
const plain = (seen: readonly Observation[]) => inspect(comparable(seen), { depth: 12, maxArrayLength: null })

/** Bytes as hex: whether they are a view or a Buffer makes no difference. */
function comparable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, comparable(member)]))
}

/** All bytes of a side in a row, cut at those places; which side speaks when stays as it was. */
function recut(steps: readonly Said[], places: readonly number[]): StreamEvent[] {
  const pieces = steps.flatMap(({ from, bytes }, i) => {
    const ends = [...new Set([...places.map(place => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
    return ends.map(
      (end, j): StreamEvent => ({
        kind: 'bytes',
        at: at(i + 1),
        connection,
        from,
        bytes: bytes.subarray(ends[j - 1] ?? 0, end),
      }),
    )
  })
  return [{ kind: 'open', at: at(1), connection }, ...pieces]
}

function conversationOf(protocol: 'peer-dh/1' | 'peer-aes/1') {
  const talk = secureConversation(protocol, 2)
  const texts = [1n, 2n, 3n, 4n].map(id =>
    talk.record('dialler', TEXT.message({ id, text: `number ${id}` }), TEXT.message({ id, text: '' })),
  )
  return {
    keys: talk.keys,
    steps: [...talk.handshake, ...texts, talk.record('listener', RECEIPT.message({ id: 4n }), goodbye)],
  }
}

const talks = [{ keys: secretsOf, steps: basic }, conversationOf('peer-dh/1'), conversationOf('peer-aes/1')]
const anyTalk = fc.constantFrom(...talks)

test('wherever the bytes are cut, the same is seen', () => {
  const expected = new Map(talks.map(talk => [talk, plain(dissect(eventsOf(talk.steps), talk.keys()))]))
  fc.assert(
    fc.property(anyTalk, fc.array(fc.nat(2_000), { maxLength: 40 }), (talk, places) => {
      expect(plain(dissect(recut(talk.steps, places), talk.keys()))).toBe(expected.get(talk))
    }),
    { numRuns: 60 },
  )
})

test('whatever happens to the bytes, it goes on', () => {
  const damage = fc.record({ step: fc.nat(), place: fc.nat(), byte: fc.nat(255), gap: fc.option(fc.nat(300)) })
  fc.assert(
    fc.property(anyTalk, fc.array(damage, { maxLength: 8 }), fc.boolean(), ({ steps, keys }, damages, whole) => {
      const on = { ...connection, whole, listener: { host: '10.0.0.1', port: 10_000 } }
      const events = eventsOf(
        steps.map(({ from, bytes }) => ({ from, bytes: Uint8Array.from(bytes) })),
        on,
      )
      for (const { step, place, byte, gap } of damages) {
        const index = step % events.length
        const event = events[index]
        if (event?.kind === 'bytes') event.bytes[place % event.bytes.length] = byte
        if (gap !== null)
          events.splice(index, 0, { kind: 'gap', at: at(1), connection: on, from: 'dialler', missing: gap })
      }
      for (const frame of framesOf(dissect([...events, ...fins(99, on)], keys()))) {
        for (const { place } of frame.fields) {
          expect((place?.at ?? 0) + (place?.length ?? 0)).toBeLessThanOrEqual(frame.bytes.length)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('random bytes behind a hello are read as far as they make sense', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Protocol>('calc/1', 'directory/1', 'peer-aes/1'),
      fc.uint8Array({ maxLength: 200 }),
      (protocol, bytes) => {
        const seen = dissect(eventsOf([said('dialler', hello(protocol)), { from: 'dialler', bytes }]))
        expect(framesOf(seen)[0]?.name).toBe('HELLO')
      },
    ),
    { numRuns: 300 },
  )
})

test('a long conversation and many connections take no more memory than short ones', () => {
  const reader = dissector(secretsOf())
  let frames = 0
  const push = (event: StreamEvent) => reader.push(event, seen => void (frames += seen.kind === 'frame' ? 1 : 0))
  const text = encodeFrame(TEXT.message({ id: 1n, text: 'x'.repeat(1_000) }))
  const work = (rounds: number, from: number) => {
    for (let i = 0; i < rounds; i++) {
      const number = from + i
      const on = { ...connection, number }
      for (const event of eventsOf([said('dialler', hello('peer-basic/1'))], on)) push(event)
      push({ kind: 'bytes', at: at(2), connection: on, from: 'dialler', bytes: text.slice() })
      const long = { ...connection, number: 0 }
      push({
        kind: 'bytes',
        at: at(3),
        connection: long,
        from: 'dialler',
        bytes: encodeFrame(TEXT.message({ id: BigInt(number), text: 'y' })),
      })
    }
  }
  push({ kind: 'bytes', at: at(1), connection, from: 'dialler', bytes: encodeFrame(hello('peer-basic/1')) })
  work(6_000, 1)
  const before = bytesInUse()
  work(12_000, 10_000)
  expect(frames).toBeGreaterThan(30_000)
  expect(bytesInUse() - before).toBeLessThan(20_000_000)
})
