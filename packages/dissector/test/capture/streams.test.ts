import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Packet } from '../../src/capture/capture-item.ts'
import { MAX_AHEAD } from '../../src/capture/direction.ts'
import type { Side, StreamEvent } from '../../src/capture/stream-event.ts'
import { MAX_CONNECTIONS, streams } from '../../src/capture/streams.ts'
import { ALICE, BOB, ipv4, type Made } from '../support/packets.ts'

const raw = (made: Made, number: number, kept?: number): Packet => {
  const bytes = ipv4(made)
  return { number, time: null, linkType: 101, bytes: bytes.subarray(0, kept), length: bytes.length, comments: [] }
}

/** What becomes of packets with these segments; the number of a packet is its place in the list. */
function eventsOf(segments: readonly Made[], { end = true } = {}): StreamEvent[] {
  const events: StreamEvent[] = []
  const put = streams()
  for (const [i, made] of segments.entries()) put.push(raw(made, i + 1), event => events.push(event))
  if (end) put.end(event => events.push(event))
  return events
}

/** An event without its connection, in short. */
function short(event: StreamEvent): string {
  if (event.kind === 'odd') return `odd ${event.what}`
  if (event.kind === 'open') return `open ${event.connection.number}`
  const from = `${event.at.packet} ${event.from}`
  if (event.kind === 'bytes') return `${from}: ${Buffer.from(event.bytes).toString('latin1')}`
  return `${from} ${event.kind === 'gap' ? `gap of ${event.missing}` : event.how}`
}

const shortly = (segments: readonly Made[]) => eventsOf(segments).map(short)

const text = (value: string) => Buffer.from(value, 'latin1')
const alice = (sequence: number, payload = '', more: Made = {}): Made => ({
  sequence,
  payload: text(payload),
  ack: true,
  ...more,
})
const bob = (sequence: number, acknowledgment: number, payload = '', more: Made = {}): Made => ({
  source: BOB,
  destination: ALICE,
  sequence,
  acknowledgment,
  payload: text(payload),
  ack: true,
  ...more,
})

/** A handshake after which the next bytes of alice and bob are 101 and 501. */
const HANDSHAKE: readonly Made[] = [
  { syn: true, sequence: 100 },
  bob(500, 101, '', { syn: true }),
  alice(101, '', { acknowledgment: 501 }),
]

test('a conversation from handshake to goodbye', () => {
  const events = eventsOf([
    ...HANDSHAKE,
    alice(101, 'hello', { acknowledgment: 501 }),
    bob(501, 106, 'hi'),
    alice(106, '', { fin: true, acknowledgment: 503 }),
    bob(503, 107, 'bye', { fin: true }),
    alice(107, '', { acknowledgment: 507 }),
  ])
  expect(events.map(short)).toEqual([
    'open 0',
    '4 dialler: hello',
    '5 listener: hi',
    '6 dialler fin',
    '7 listener: bye',
    '7 listener fin',
  ])
  expect(events[0]).toMatchObject({ connection: { number: 0, dialler: ALICE, listener: BOB, whole: true } })
})

/** Cuts a text into pieces that together cover it, each maybe sent twice, in a disorder. */
const sent = fc
  .record({
    bytes: fc.uint8Array({ minLength: 1, maxLength: 400 }),
    first: fc.oneof(fc.nat(0xffff_ffff), fc.integer({ min: 0xffff_ff00, max: 0xffff_ffff })),
    cuts: fc.array(fc.nat(400), { maxLength: 12 }),
    again: fc.array(fc.tuple(fc.nat(400), fc.nat(60)), { maxLength: 8 }),
    order: fc.infiniteStream(fc.nat(1_000)),
  })
  .map(({ bytes, first, cuts, again, order }) => {
    const places = [0, ...cuts.filter(cut => cut < bytes.length), bytes.length].toSorted((a, b) => a - b)
    const pieces = places.slice(1).map((to, i) => [places[i] ?? 0, to] as const)
    for (const [from, size] of again) pieces.push([Math.min(from, bytes.length), Math.min(from + size, bytes.length)])
    const shuffled = pieces.map(piece => ({ piece, at: order.next().value ?? 0 })).toSorted((a, b) => a.at - b.at)
    return { bytes, first, pieces: shuffled.map(({ piece }) => piece) }
  })

test('bytes come out as they went in, however they were cut, doubled and put in disorder, across the end of the numbers', () => {
  fc.assert(
    fc.property(sent, ({ bytes, first, pieces }) => {
      const wrapped = (position: number) => (first + 1 + position) % 2 ** 32
      const segments: Made[] = [
        { syn: true, sequence: first },
        ...pieces.map(([from, to]) => ({ sequence: wrapped(from), payload: bytes.subarray(from, to), ack: true })),
        { sequence: wrapped(bytes.length), fin: true, ack: true },
      ]
      const events = eventsOf(segments, { end: false })
      const got = events.flatMap(event => (event.kind === 'bytes' ? [...event.bytes] : []))
      expect(got).toEqual([...bytes])
      expect(events.filter(({ kind }) => kind === 'gap')).toEqual([])
      expect(events.at(-1)).toMatchObject({ kind: 'end', how: 'fin' })
    }),
    { numRuns: 1_000 },
  )
})

test('with pieces lost, each byte is in its place and the holes have their size', () => {
  fc.assert(
    fc.property(sent, fc.infiniteStream(fc.boolean()), ({ bytes, first, pieces }, lose) => {
      const kept = pieces.filter(() => lose.next().value !== true)
      const segments: Made[] = [
        { syn: true, sequence: first },
        ...kept.map(([from, to]) => ({
          sequence: (first + 1 + from) % 2 ** 32,
          payload: bytes.subarray(from, to),
          ack: true,
        })),
        { sequence: (first + 1 + bytes.length) % 2 ** 32, fin: true, ack: true },
      ]
      // The reference: a byte is there if any piece has it.
      const reference = [...bytes].map((byte, i) => (kept.some(([from, to]) => from <= i && i < to) ? byte : null))
      const got = eventsOf(segments).flatMap<number | null>(event => {
        if (event.kind === 'bytes') return [...event.bytes]
        return event.kind === 'gap' ? Array<null>(event.missing).fill(null) : []
      })
      expect(got).toEqual(reference)
    }),
    { numRuns: 500 },
  )
})

test('where pieces contradict each other, the bytes that came first count', () => {
  const events = eventsOf([...HANDSHAKE, alice(104, 'DEF'), alice(102, 'bcdefgh'), alice(101, 'aBCDEFGHI')])
  expect(events.map(short)).toEqual([
    'open 0',
    '6 dialler: a',
    '6 dialler: bc',
    '6 dialler: DEF',
    '6 dialler: gh',
    '6 dialler: I',
  ])
})

test('a probe whether the other side still lives is no data', () => {
  expect(shortly([...HANDSHAKE, alice(101, 'ab'), alice(102, 'x'), alice(102), alice(103, 'c')])).toEqual([
    'open 0',
    '4 dialler: ab',
    '7 dialler: c',
  ])
})

test('a SYN may carry data, and may come twice', () => {
  const syn = { syn: true, sequence: 100, payload: text('early') }
  expect(shortly([syn, syn, alice(106, ' late')])).toEqual(['open 0', '1 dialler: early', '3 dialler:  late'])
})

test('a hole is given up once the other side has acknowledged what lies behind it, not before', () => {
  const lost = [...HANDSHAKE, alice(101, 'ab'), alice(106, 'fg')]
  expect(eventsOf(lost, { end: false }).map(short)).toEqual(['open 0', '4 dialler: ab'])
  expect(eventsOf([...lost, bob(501, 103)], { end: false }).map(short)).toEqual(['open 0', '4 dialler: ab'])
  const acknowledged = ['open 0', '4 dialler: ab', '6 dialler gap of 3', '6 dialler: fg']
  expect(eventsOf([...lost, bob(501, 108)], { end: false }).map(short)).toEqual(acknowledged)
  // What comes after that is too late.
  expect(shortly([...lost, bob(501, 108), alice(103, 'cde')])).toEqual(acknowledged)
})

test('an acknowledgment that was recorded before what it acknowledges makes no hole', () => {
  expect(shortly([...HANDSHAKE, bob(501, 103), alice(101, 'ab'), alice(103, 'c')])).toEqual([
    'open 0',
    '5 dialler: ab',
    '6 dialler: c',
  ])
})

test('a lost end is a hole before the FIN', () => {
  expect(shortly([...HANDSHAKE, alice(104, '', { fin: true }), bob(501, 105)])).toEqual([
    'open 0',
    '5 dialler gap of 3',
    '5 dialler fin',
  ])
})

test('what still waits comes out at the end of the capture', () => {
  expect(shortly([...HANDSHAKE, alice(103, 'c'), bob(502, 101, 'B')])).toEqual([
    'open 0',
    '5 dialler gap of 2',
    '5 dialler: c',
    '5 listener gap of 1',
    '5 listener: B',
  ])
})

test('what the recorder cut off is a gap', () => {
  const events: StreamEvent[] = []
  const put = streams()
  const deliver = (event: StreamEvent) => void events.push(event)
  for (const [i, made] of HANDSHAKE.entries()) put.push(raw(made, i + 1), deliver)
  put.push(raw(alice(101, 'abcdef'), 4, 42), deliver)
  put.push(raw(alice(107, 'gh'), 5), deliver)
  put.push(raw(alice(103, 'cdefgh'), 6), deliver)
  expect(events.map(short)).toEqual(['open 0', '4 dialler: ab', '4 dialler gap of 4', '5 dialler: gh'])
})

test('a reset ends both sides, and what is still under way is for nobody', () => {
  expect(shortly([...HANDSHAKE, alice(103, 'c'), bob(501, 101, '', { rst: true }), alice(104, 'd')])).toEqual([
    'open 0',
    '5 listener reset',
    '5 dialler gap of 2',
    '5 dialler: c',
    '5 dialler reset',
  ])
})

test('a reset that its receiver would not obey does not blind the reader', () => {
  expect(
    shortly([...HANDSHAKE, alice(101, 'ab'), bob(501, 103), alice(102, '', { rst: true }), alice(103, 'c')]),
  ).toEqual([
    'open 0',
    '4 dialler: ab',
    'odd a reset that does not fit into its connection: nobody obeys it',
    '7 dialler: c',
  ])
})

test('a reset that was guessed to lie in the window does not blind the reader either', () => {
  expect(shortly([...HANDSHAKE, alice(101, 'ab'), alice(1103, '', { rst: true }), alice(103, 'c')])).toEqual([
    'open 0',
    '4 dialler: ab',
    'odd a reset that does not fit into its connection: nobody obeys it',
    '6 dialler: c',
  ])
})

test('a reset behind a FIN counts', () => {
  const end = alice(101, 'ab', { fin: true })
  expect(shortly([...HANDSHAKE, end, alice(104, '', { rst: true })])).toEqual([
    'open 0',
    '4 dialler: ab',
    '4 dialler fin',
    '5 listener reset',
  ])
})

test('a refused connection', () => {
  expect(shortly([{ syn: true, sequence: 100 }, bob(0, 101, '', { rst: true })])).toEqual([
    'open 0',
    '2 listener reset',
    '2 dialler reset',
  ])
})

test('a FIN from before what was sent already is forged', () => {
  expect(shortly([...HANDSHAKE, alice(101, 'abc'), alice(102, '', { fin: true }), alice(104, 'd')])).toEqual([
    'open 0',
    '4 dialler: abc',
    '6 dialler: d',
  ])
})

test('ports in use anew are another connection', () => {
  const events = eventsOf([
    ...HANDSHAKE,
    alice(103, 'c'),
    { syn: true, sequence: 900 },
    bob(7, 901, '', { syn: true }),
    alice(901, 'new'),
    alice(904, '', { fin: true }),
    bob(8, 905, '', { fin: true }),
    // The same number once more, after the end.
    { syn: true, sequence: 900 },
  ])
  expect(events.map(short)).toEqual([
    'open 0',
    '5 dialler gap of 2',
    '5 dialler: c',
    'open 1',
    '7 dialler: new',
    '8 dialler fin',
    '9 listener fin',
    'open 2',
  ])
})

test('a capture that begins in mid-stream: who listens shows in the ports', () => {
  const events = eventsOf([bob(70_000, 40, 'from bob'), alice(40, 'from alice')])
  expect(events.map(short)).toEqual(['open 0', '1 listener: from bob', '2 dialler: from alice'])
  expect(events[0]).toMatchObject({ connection: { dialler: ALICE, listener: BOB, whole: false } })
  const [open] = eventsOf([bob(1, 1, 'x', { source: { host: '10.0.0.3', port: 45_000 } })])
  expect(open).toMatchObject({ connection: { dialler: { port: 45_000 }, listener: ALICE } })
})

test('a capture that begins with the answer to a SYN has all bytes', () => {
  const events = eventsOf([bob(500, 101, '', { syn: true }), alice(103, 'c'), alice(101, 'ab')])
  expect(events.map(short)).toEqual(['open 0', '3 dialler: ab', '3 dialler: c'])
  expect(events[0]).toMatchObject({ connection: { dialler: ALICE, whole: true } })
})

test('what waits behind a hole is limited, in bytes and in pieces', () => {
  for (const size of [1_000, 1]) {
    const put = streams()
    let waiting = 0
    let gaps = 0
    const deliver = (event: StreamEvent) => {
      if (event.kind === 'bytes') waiting -= event.bytes.length + 256
      if (event.kind === 'gap') gaps += 1
    }
    for (const made of HANDSHAKE) put.push(raw(made, 1), deliver)
    const payload = new Uint8Array(size)
    for (let i = 1; i < 20_000; i++) {
      put.push(raw({ sequence: 101 + 2 * size * i, payload, ack: true }, 3 + i), deliver)
      waiting += size + 256
      expect(waiting).toBeLessThanOrEqual(MAX_AHEAD)
    }
    expect(gaps).toBeGreaterThan(100)
  }
})

test('of too many connections those that are over are forgotten first, then the one that was silent longest', () => {
  const put = streams()
  const events: StreamEvent[] = []
  const deliver = (event: StreamEvent) => void events.push(event)
  const from = (port: number): Made => ({ source: { host: '10.0.0.2', port }, syn: true, sequence: 1 })
  put.push(raw(from(1), 1), deliver)
  put.push(raw(from(2), 2), deliver)
  put.push(raw(from(3), 3), deliver)
  put.push(raw({ ...from(3), syn: false, rst: true, sequence: 2 }, 4), deliver)
  for (let port = 4; port <= MAX_CONNECTIONS; port++) put.push(raw(from(port), port + 1), deliver)
  put.push(raw({ ...from(1), syn: false, sequence: 2, payload: text('x') }, 10_000), deliver)
  const before = events.length
  put.push(raw(from(20_001), 20_001), deliver)
  put.push(raw(from(20_002), 20_002), deliver)
  put.push(raw({ ...from(1), syn: false, sequence: 3, payload: text('y') }, 20_003), deliver)
  put.push(raw({ ...from(2), syn: false, sequence: 2, payload: text('z') }, 20_004), deliver)
  // Port 3 was over, without a word; port 2 was silent longest.
  expect(events.slice(before).map(short)).toEqual([
    `open ${MAX_CONNECTIONS}`,
    `open ${MAX_CONNECTIONS + 1}`,
    '20003 dialler: y',
    `open ${MAX_CONNECTIONS + 2}`,
    '20004 listener: z',
  ])
})

test('a link type that is not known is named once', () => {
  const put = streams()
  const events: StreamEvent[] = []
  for (let number = 1; number <= 3; number++) {
    const packet: Packet = { number, time: null, linkType: 127, bytes: new Uint8Array(60), length: 60, comments: [] }
    put.push(packet, event => events.push(event))
  }
  expect(events).toEqual([
    { kind: 'odd', at: { packet: 1, time: null }, what: 'packets of link-layer type 127 are not read' },
  ])
})

test('any packets at all never make it fail, and its numbers are those of the packets', () => {
  const segment = fc.record({
    source: fc.constantFrom(ALICE, BOB),
    destination: fc.constantFrom(ALICE, BOB),
    sequence: fc.oneof(fc.nat(50), fc.nat(0xffff_ffff)),
    acknowledgment: fc.oneof(fc.nat(50), fc.nat(0xffff_ffff)),
    syn: fc.boolean(),
    ack: fc.boolean(),
    fin: fc.boolean(),
    rst: fc.boolean(),
    payload: fc.uint8Array({ maxLength: 20 }),
  })
  const sides: readonly Side[] = ['dialler', 'listener']
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 40 }), segments => {
      const ended = new Set<string>()
      let last = 0
      for (const event of eventsOf(segments)) {
        expect(event.at.packet).toBeGreaterThanOrEqual(last)
        last = event.at.packet
        if (event.kind === 'odd' || event.kind === 'open') continue
        const side = `${event.connection.number} ${event.from}`
        expect(sides).toContain(event.from)
        expect(ended).not.toContain(side)
        if (event.kind === 'bytes') expect(event.bytes.length).toBeGreaterThan(0)
        if (event.kind === 'gap') expect(event.missing).toBeGreaterThan(0)
        if (event.kind === 'end') ended.add(side)
      }
    }),
    { numRuns: 1_000 },
  )
})
