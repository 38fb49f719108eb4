import { createCipheriv, createHash } from 'node:crypto'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import type { StreamEvent } from '../../src/capture/stream-event.ts'
import { dissect, eventsOf, findingsOf, fins, framesOf, fromPort, type Said, summariesOf } from '../support/streams.ts'

const said = (from: Said['from'], bytes: string | Uint8Array): Said => ({
  from,
  bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
})

const directory = fromPort(20_000)
const peers = fromPort(143, { number: 1 })
const registration = [
  said('listener', 'Enter your username:'),
  said('dialler', 'alice'),
  said('listener', 'Welcome! Please send your listening port.'),
  said('dialler', 'LISTEN_PORT:143'),
  said('listener', 'Listening port registered.\n'),
  said('dialler', 'Get Users'),
  said('listener', 'alice 10.0.0.2 143\nbob 10.0.0.3 40001\n'),
  said('dialler', 'EXIT'),
]

const key = createHash('sha256').update('18').digest()
function record(text: string, iv = Buffer.alloc(16, text)): Uint8Array {
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  return Buffer.concat([iv, cipher.update(text), cipher.final()])
}

const spokenOf = (events: readonly StreamEvent[]) =>
  dissect(events).flatMap(seen => (seen.kind === 'conversation' ? [seen.spoken] : []))

test('the server is known by what it says first, and each segment gives its lines', () => {
  const seen = dissect([...eventsOf(registration, directory), ...fins(9, directory)])
  expect(seen[0]).toMatchObject({ kind: 'conversation', spoken: 'legacy-directory', at: { packet: 1 } })
  expect(seen.at(-1)?.kind).toBe('end')
  expect(findingsOf(seen)).toEqual([])
  const frame = framesOf(seen)[6]
  expect(frame?.summary).toBe('legacy line "alice 10.0.0.2 143", "bob 10.0.0.3 40001"')
  expect(frame?.fields).toEqual([
    { name: 'legacy.line', value: 'alice 10.0.0.2 143', place: { at: 0, length: 18 } },
    { name: 'legacy.line', value: 'bob 10.0.0.3 40001', place: { at: 19, length: 18 } },
  ])
})

const talk = [
  said('dialler', '8'),
  said('listener', '19\n'),
  said('dialler', 'hello bob\n'),
  said('listener', record('hello alice')),
  said('dialler', record('how are you?', Buffer.alloc(16, 7))),
  said('dialler', record('still there?', Buffer.alloc(16, 7))),
  said('listener', 'EOM'),
]

test('peers are known by two numbers, and each segment is what it is', () => {
  const seen = dissect(eventsOf(talk, peers))
  expect(seen[0]).toMatchObject({ kind: 'conversation', spoken: 'legacy-peer', at: { packet: 1 } })
  expect(framesOf(seen).map(({ name, findings }) => [name, ...findings.map(({ code }) => code)])).toEqual([
    ['legacy public value', 'legacy', 'small-group'],
    ['legacy public value', 'legacy', 'small-group'],
    ['legacy text', 'plaintext'],
    ['legacy record', 'malleable'],
    ['legacy record', 'malleable'],
    ['legacy record', 'malleable', 'iv-reuse'],
    ['legacy end'],
  ])
  expect(summariesOf(seen).slice(1, 4)).toEqual([
    'legacy public value 19',
    'legacy text "hello bob"',
    'legacy record sealed',
  ])
  expect(
    framesOf(seen).flatMap(({ fields }) => fields.map(({ name, place }) => [name, place?.at, place?.length])),
  ).toEqual([
    ['legacy.public', 0, 1],
    ['legacy.public', 0, 2],
    ['legacy.text', 0, 9],
    ['legacy.iv', 0, 16],
    ['legacy.ciphertext', 16, 16],
    ['legacy.iv', 0, 16],
    ['legacy.ciphertext', 16, 16],
    ['legacy.iv', 0, 16],
    ['legacy.ciphertext', 16, 16],
    ['legacy.text', 0, 3],
  ])
})

test('peers on a port that LISTEN_PORT named need no numbers', () => {
  const plain = [said('dialler', 'hello'), said('listener', 'hi')]
  const both = [...eventsOf(registration, directory), ...eventsOf(plain, peers)]
  expect(spokenOf(both)).toEqual(['legacy-directory', 'legacy-peer'])
  expect(spokenOf(eventsOf(plain, peers))).toEqual([])
  const hello = encodeFrame(HELLO.message({ protocol: 'peer-aes/1' }))
  const pieces = [said('dialler', hello.subarray(0, 6)), said('dialler', hello.subarray(6))]
  expect(spokenOf([...eventsOf(registration, directory), ...eventsOf(pieces, peers)]).at(-1)).toBe('peer-aes/1')
})

test('a number from 2^64 on is no small group, and only the first number is a public value', () => {
  const seen = dissect(
    eventsOf([said('dialler', String(2n ** 64n)), said('listener', '5'), said('listener', '42')], peers),
  )
  expect(findingsOf(seen)).toEqual(['legacy', 'legacy', 'small-group', 'plaintext'])
})

test('bytes that are no text and no whole blocks are shown as what text there is', () => {
  const seen = dissect(eventsOf([...talk.slice(0, 2), said('dialler', Uint8Array.of(0xff, 0x61, 0))], peers))
  expect(summariesOf(seen).at(-1)).toBe('legacy text "\ufffda␀"')
})
