import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { describe, expect, test } from 'vitest'
import type { Side, StreamEvent } from '../../src/capture/stream-event.ts'
import { secretsOf } from '../../src/dissect/secrets.ts'
import type { SeenFrame } from '../../src/dissect/observation.ts'
import { secureConversation } from '../support/secure-conversation.ts'
import {
  at,
  connection,
  dissect,
  eventsOf,
  findingsOf,
  fins,
  framesOf,
  type Said,
  valuesOf,
} from '../support/streams.ts'

const text = (id: number) => TEXT.message({ id: BigInt(id), text: `number ${id}` })
const goodbye: Message = { type: GOODBYE.type, body: new Uint8Array() }

const recordsOf = (frames: readonly SeenFrame[]) => frames.filter(({ name }) => name === 'RECORD')
const numbers = (frames: readonly SeenFrame[]) =>
  recordsOf(frames).map(({ fields }) => valuesOf(fields, 'record.sequence')[0] ?? '-')
const codes = (frames: readonly SeenFrame[]) =>
  recordsOf(frames).map(({ findings }) => findings.map(({ code }) => code).join(' '))
const texts = (frames: readonly SeenFrame[]) =>
  recordsOf(frames).flatMap(({ plaintext }) => plaintext?.frames.flatMap(frame => valuesOf(frame.fields, 'text')) ?? [])

function flipped({ from, bytes }: Said, place: number): Said {
  const other = Uint8Array.from(bytes)
  other[place] = (other[place] ?? 0) ^ 0x20
  return { from, bytes: other }
}

describe('peer-aes/1', () => {
  /** Five records of alice and what somebody makes of them on the path. */
  function seenAs(
    deed: (records: Said[], talk: ReturnType<typeof secureConversation>) => Said[],
    keys = true,
    updateAfter = 1_000,
  ) {
    const talk = secureConversation('peer-aes/1', updateAfter)
    const records = [1, 2, 3, 4, 5].map(id => talk.record('dialler', text(id)))
    const said = [...talk.handshake, ...deed(records, talk)]
    return framesOf(dissect(eventsOf(said), keys ? talk.keys() : secretsOf()))
  }

  test('an honest conversation opens, in both directions', () => {
    const frames = seenAs((records, talk) => [...records, talk.record('listener', text(1), goodbye)])
    expect(numbers(frames)).toEqual(['0', '1', '2', '3', '4', '0'])
    expect(codes(frames)).toEqual(['', '', '', '', '', ''])
    expect(texts(frames)).toEqual(['number 1', 'number 2', 'number 3', 'number 4', 'number 5', 'number 1'])
    const [first, , , , , last] = recordsOf(frames)
    expect(first?.fields.slice(3).map(({ name, place }) => [name, place?.at, place?.length])).toEqual([
      ['record.iv', 5, 16],
      ['record.ciphertext', 21, 80],
      ['record.tag', 101, 32],
      ['record.sequence', undefined, undefined],
      ['record.epoch', undefined, undefined],
      ['record.tag_status', undefined, undefined],
    ])
    expect(first?.plaintext?.fields.map(({ name, value, place }) => [name, value, place])).toEqual([
      ['record.batch_length', '21', { at: 0, length: 4 }],
      ['record.padding', '00'.repeat(39), { at: 25, length: 39 }],
    ])
    expect(first?.plaintext?.frames.map(frame => [frame.at, frame.summary])).toEqual([[4, 'TEXT "number 1"']])
    expect(first?.summary).toBe('RECORD 0, 21 of 60 bytes')
    expect(last?.plaintext?.frames.map(({ summary }) => summary)).toEqual(['TEXT "number 1"', 'GOODBYE'])
  })

  test('without keys the sequence shows, and nothing else', () => {
    const frames = seenAs(records => records, false)
    expect(numbers(frames)).toEqual(['0', '1', '2', '3', '4'])
    expect(codes(frames)).toEqual(Array.from({ length: 5 }, () => 'no-key'))
    expect(recordsOf(frames)[4]?.summary).toBe('RECORD 4 sealed')
    expect(recordsOf(frames).flatMap(({ fields }) => valuesOf(fields, 'record.epoch'))).toEqual([])
  })

  test('through key updates the epoch counts on', () => {
    const frames = seenAs(records => records, true, 2)
    expect(recordsOf(frames).flatMap(({ fields }) => valuesOf(fields, 'record.epoch'))).toEqual([
      '0',
      '0',
      '1',
      '1',
      '2',
    ])
    expect(codes(frames)).toEqual(['', '', '', '', ''])
    expect(recordsOf(frames)[1]?.plaintext?.frames.map(({ name }) => name)).toEqual(['TEXT', 'KEY_UPDATE'])
  })

  test.each([
    ['IV', 7],
    ['ciphertext', 30],
    ['tag', 130],
  ])('a bit of the %s is flipped: that record alone is bad', (_, place) => {
    const frames = seenAs(records => records.map((record, i) => (i === 2 ? flipped(record, place) : record)))
    expect(codes(frames)).toEqual(['', '', 'bad-tag', '', ''])
    expect(numbers(frames)).toEqual(['0', '1', '2', '3', '4'])
    expect(recordsOf(frames)[2]?.plaintext).toBeNull()
  })

  test.each([true, false])('a record that is sent again is replayed, with keys or without (%s)', keys => {
    const frames = seenAs(records => [...records.slice(0, 3), ...records.slice(1, 2), ...records.slice(3)], keys)
    const rest = keys ? '' : 'no-key'
    expect(codes(frames)).toEqual([rest, rest, rest, keys ? 'replayed' : 'replayed no-key', rest, rest])
    expect(numbers(frames)).toEqual(['0', '1', '2', '-', '3', '4'])
    const [replayed] = recordsOf(frames)[3]?.findings ?? []
    expect(replayed?.detail).toBe(`sent before in packet ${recordsOf(frames)[1]?.at.packet}`)
  })

  test.each([true, false])('a record that comes back to its sender is reflected, with keys or without (%s)', keys => {
    const frames = seenAs((records, talk) => {
      const [first, ...others] = records
      const back: Said[] = first === undefined ? [] : [first, { ...first, from: 'listener' }]
      return [...back, talk.record('listener', text(1)), ...others]
    }, keys)
    const rest = keys ? '' : 'no-key'
    expect(codes(frames)).toEqual([rest, keys ? 'reflected' : 'reflected no-key', rest, rest, rest, rest, rest])
    expect(numbers(frames)).toEqual(['0', '-', '0', '1', '2', '3', '4'])
  })

  test('a record that is missing shows at the next one, and the rest goes on', () => {
    const frames = seenAs(records => records.filter((_, i) => i !== 1))
    expect(codes(frames)).toEqual(['', 'reordered', '', ''])
    expect(numbers(frames)).toEqual(['0', '2', '3', '4'])
    expect(recordsOf(frames)[1]?.findings[0]?.detail).toBe('one record before it is missing')
    expect(texts(frames)).toEqual(['number 1', 'number 3', 'number 4', 'number 5'])
  })

  test('two records that change places are both found, and open', () => {
    const swap = ([one, two, three, ...rest]: Said[]) => [one, three, two, ...rest].filter(said => said !== undefined)
    const frames = seenAs(swap)
    expect(codes(frames)).toEqual(['', 'reordered', 'reordered', '', ''])
    expect(numbers(frames)).toEqual(['0', '2', '1', '3', '4'])
    expect(recordsOf(frames)[2]?.findings[0]?.detail).toBe('it came late')
  })

  test('more than 64 missing records are not looked for', () => {
    const talk = secureConversation('peer-aes/1')
    const many = Array.from({ length: 67 }, (_, i) => talk.record('dialler', text(i + 1)))
    const after = (dropped: number) => {
      const said = [...talk.handshake, ...many.slice(0, 1), ...many.slice(1 + dropped, 2 + dropped)]
      return codes(framesOf(dissect(eventsOf(said), talk.keys())))
    }
    expect(after(64)).toEqual(['', 'reordered'])
    expect(after(65)).toEqual(['', 'bad-tag'])
  })

  test('a forged record with an IV that was used is both', () => {
    const frames = seenAs(([one, ...rest]) => (one === undefined ? [] : [one, flipped(one, 40), ...rest]))
    // The forged one took the number of the second.
    expect(codes(frames)).toEqual(['', 'iv-reuse bad-tag', 'reordered', '', '', ''])
    expect(numbers(frames)).toEqual(['0', '1', '1', '2', '3', '4'])
  })

  test('1,024 records back a repetition is known, further back it is a wrong tag', () => {
    const talk = secureConversation('peer-aes/1')
    const many = Array.from({ length: 1_026 }, (_, i) => talk.record('dialler', text(i + 1)))
    const again = (index: number) => [...talk.handshake, ...many, ...many.slice(index, index + 1)]
    const lastOf = (said: Said[]) => codes(framesOf(dissect(eventsOf(said), talk.keys()))).at(-1)
    expect(lastOf(again(2))).toBe('replayed')
    expect(lastOf(again(1))).toBe('bad-tag')
  })

  test.each([0, 63, 65, 65_999])('a body of %d bytes is no record, and does not count as one', size => {
    const talk = secureConversation('peer-aes/1')
    const frame = new Uint8Array(5 + size)
    new DataView(frame.buffer).setUint32(0, 1 + size)
    frame[4] = 0x40
    const said = [...talk.handshake, { from: 'dialler' as Side, bytes: frame }, talk.record('dialler', text(1))]
    const frames = framesOf(dissect(eventsOf(said), talk.keys()))
    expect(codes(frames)).toEqual(['bad-frame', ''])
    expect(numbers(frames)).toEqual(['-', '0'])
  })

  test('keys that come while it is under way open what follows', () => {
    const talk = secureConversation('peer-aes/1')
    const keys = secretsOf()
    const events = eventsOf([...talk.handshake, talk.record('dialler', text(1)), talk.record('dialler', text(2))])
    const late = events.slice(0, -1)
    expect(texts(framesOf(dissect(late, keys)))).toEqual([])
    keys.add(talk.lines)
    expect(texts(framesOf(dissect(events, keys)))).toEqual(['number 1', 'number 2'])
  })
})

describe('peer-dh/1', () => {
  test('an honest conversation opens, and each record says where it stands in the key stream', () => {
    const talk = secureConversation('peer-dh/1')
    const said = [
      ...talk.handshake,
      ...[1, 2].map(id => talk.record('dialler', text(id))),
      talk.record('listener', goodbye),
    ]
    const frames = framesOf(dissect(eventsOf(said), talk.keys()))
    expect(recordsOf(frames).flatMap(({ fields }) => valuesOf(fields, 'record.offset'))).toEqual(['0', '21', '0'])
    expect(codes(frames)).toEqual(['malleable', 'malleable', 'malleable'])
    expect(recordsOf(frames).map(({ summary }) => summary)).toEqual([
      'RECORD 21 bytes',
      'RECORD 21 bytes',
      'RECORD 5 bytes',
    ])
  })

  test('a flipped bit of a text goes unnoticed, and a flipped bit of a length does not', () => {
    const altered = (place: number) => {
      const talk = secureConversation('peer-dh/1')
      const said = [...talk.handshake, flipped(talk.record('dialler', text(1), text(2)), place)]
      const frames = framesOf(dissect(eventsOf(said), talk.keys()))
      return { codes: codes(frames), texts: texts(frames) }
    }
    expect(altered(5 + 13)).toEqual({ codes: ['malleable'], texts: ['Number 1', 'number 2'] })
    expect(altered(5 + 21)).toEqual({ codes: ['malleable bad-frame'], texts: ['number 1'] })
  })

  test('without keys it is sealed, and malleable all the same', () => {
    const talk = secureConversation('peer-dh/1')
    const frames = framesOf(dissect(eventsOf([...talk.handshake, talk.record('dialler', text(1))])))
    expect(codes(frames)).toEqual(['malleable no-key'])
    expect(recordsOf(frames)[0]?.summary).toBe('RECORD sealed')
  })
})

describe('bytes that are missing in the capture', () => {
  const hole = (protocol: 'peer-dh/1' | 'peer-aes/1', missing: (record: Said) => { keep: number; gap: number }) => {
    const talk = secureConversation(protocol)
    const [one, two, three] = [1, 2, 3].map(id => talk.record('dialler', text(id)))
    if (one === undefined || two === undefined || three === undefined) throw new Error('three records')
    const { keep, gap } = missing(two)
    const bytes = (packet: number, piece: Uint8Array): StreamEvent => ({
      kind: 'bytes',
      at: at(packet),
      connection,
      from: 'dialler',
      bytes: piece,
    })
    const seen = dissect(
      [
        ...eventsOf([...talk.handshake, one]),
        bytes(20, two.bytes.subarray(0, keep)),
        { kind: 'gap', at: at(21), connection, from: 'dialler', missing: gap },
        bytes(22, two.bytes.subarray(keep + gap)),
        bytes(23, three.bytes),
      ],
      talk.keys(),
    )
    return { found: findingsOf(seen), texts: texts(framesOf(seen)) }
  }

  test.each(['peer-dh/1', 'peer-aes/1'] as const)(
    'inside a record of %s: it is lost, and the next one opens',
    protocol => {
      const rest = protocol === 'peer-dh/1' ? ['malleable'] : []
      expect(hole(protocol, () => ({ keep: 10, gap: 4 }))).toEqual({
        found: [...rest, 'gap', ...rest],
        texts: ['number 1', 'number 3'],
      })
    },
  )

  test('a whole record of the aes rung: the tag of the next one tells its number', () => {
    expect(hole('peer-aes/1', ({ bytes }) => ({ keep: 0, gap: bytes.length }))).toEqual({
      found: ['gap'],
      texts: ['number 1', 'number 3'],
    })
  })

  test('hundreds of records: as many are looked for as there is room for', () => {
    const talk = secureConversation('peer-aes/1')
    const many = Array.from({ length: 300 }, (_, i) => talk.record('dialler', text(i + 1)))
    const lost = many.slice(0, 298).reduce((sum, { bytes }) => sum + bytes.length, 0)
    const after = (missing: number) =>
      dissect(
        [
          ...eventsOf(talk.handshake),
          { kind: 'gap', at: at(20), connection, from: 'dialler', missing },
          ...many
            .slice(298)
            .map(({ from, bytes }): StreamEvent => ({ kind: 'bytes', at: at(21), connection, from, bytes })),
        ],
        talk.keys(),
      )
    expect(texts(framesOf(after(lost)))).toEqual(['number 299', 'number 300'])
    expect(findingsOf(after(lost))).toEqual(['gap'])
    // So few bytes cannot have been so many records: the two were sealed with keys that went by in the gap, perhaps.
    expect(findingsOf(after(20_000))).toEqual(['gap', 'no-key', 'no-key'])
    expect(findingsOf(after(20_000))).not.toContain('bad-tag')
  })

  test('a whole record of the dh rung: nothing after it opens', () => {
    expect(hole('peer-dh/1', ({ bytes }) => ({ keep: 0, gap: bytes.length }))).toEqual({
      found: ['malleable', 'gap', 'malleable', 'no-key'],
      texts: ['number 1'],
    })
  })
})

test('a conversation that ended with sealed goodbyes was cut, for all anybody knows, only by a reset', () => {
  const talk = secureConversation('peer-aes/1')
  const said = [...talk.handshake, talk.record('dialler', text(1)), talk.record('listener', goodbye)]
  const byFin = [...eventsOf(said), ...fins(30)]
  expect(findingsOf(dissect(byFin, talk.keys())).at(-1)).toBe('cut')
  expect(findingsOf(dissect(byFin)).at(-1)).toBe('no-key')
  const byReset = [...eventsOf(said), { kind: 'end', at: at(30), connection, from: 'dialler', how: 'reset' } as const]
  expect(findingsOf(dissect(byReset)).at(-1)).toBe('cut')
})
