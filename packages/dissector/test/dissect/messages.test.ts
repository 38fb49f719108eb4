import { readFileSync } from 'node:fs'
import { KEY_UPDATE } from '@p2p-secure-chat/aes-chat/messages'
import { ACCEPT, CALL, DECLINE, NAME, RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import {
  CARD,
  LOOKUP,
  PRESENCE,
  REGISTER,
  REGISTERED,
  USERS,
  WATCH,
  WELCOME,
  WHO,
} from '@p2p-secure-chat/basic-p2p/messages/directory'
import {
  FILE_ACCEPT,
  FILE_CANCEL,
  FILE_CHUNK,
  FILE_OFFER,
  FILE_RESULT,
} from '@p2p-secure-chat/basic-p2p/messages/files'
import { EVALUATE, RESULT } from '@p2p-secure-chat/calculator/messages'
import { ERROR, GOODBYE, HELLO, KEEPALIVE, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { CONFIRM, IDENTITY, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { expect, test } from 'vitest'
import { typesOf } from '../../src/message/protocols.ts'
import { type ReadMessage, readMessage } from '../../src/message/read-message.ts'

const json = (type: number, body: unknown, front = '') =>
  encodeFrame({ type, body: Buffer.from(front + JSON.stringify(body)) })
const binary = (type: number, ...hex: readonly string[]) =>
  encodeFrame({ type, body: Buffer.from(hex.join(''), 'hex') })

/** Field and value of the body, and what really stands at its place. */
function bodyOf({ fields }: ReadMessage, frame: Uint8Array) {
  return fields.slice(2).map(({ name, value, place }) => {
    const bytes = place === null ? '' : Buffer.from(frame.subarray(place.at, place.at + place.length))
    return [name, value, bytes.toString()]
  })
}

const same = (name: string, value: string) => [name, value, value]
const HEX = 'ab'.repeat(32)

test.each<[Uint8Array, string, readonly (readonly string[])[]]>([
  [
    json(HELLO.type, { protocol: 'directory/1', rung: 'peer-aes/1' }, 'P2PC'),
    'HELLO directory/1 peer-aes/1',
    [same('magic', 'P2PC'), same('hello.protocol', 'directory/1'), same('hello.rung', 'peer-aes/1')],
  ],
  [
    json(ERROR.type, { id: 3, code: 'unknown-user', message: 'nobody is called "carol"' }),
    'ERROR unknown-user: nobody is called "carol"',
    [
      same('id', '3'),
      same('code', 'unknown-user'),
      ['message', 'nobody is called "carol"', 'nobody is called \\"carol\\"'],
    ],
  ],
  [binary(GOODBYE.type), 'GOODBYE', []],
  [binary(KEEPALIVE.type), 'KEEPALIVE', []],
  [
    json(EVALUATE.type, { id: 1, expression: '2 + 3 * 4' }),
    'EVALUATE 2 + 3 * 4',
    [same('id', '1'), same('expression', '2 + 3 * 4')],
  ],
  [json(RESULT.type, { id: 1, result: '20' }), 'RESULT 20', [same('id', '1'), same('result', '20')]],
  [
    json(RESULT.type, { id: 2, error: { code: 'division-by-zero', message: 'division by zero', column: 5 } }),
    'RESULT division by zero',
    [same('id', '2'), same('code', 'division-by-zero'), same('message', 'division by zero'), same('column', '5')],
  ],
  [
    json(WELCOME.type, { open: false, nonce: HEX }),
    'WELCOME open to other machines: false',
    [same('welcome.open', 'false'), same('nonce', HEX)],
  ],
  [
    json(REGISTER.type, {
      name: 'alice',
      port: null,
      proof: { key: 'K', nonce: HEX, address: '10.0.0.1:10001', signature: 'S' },
    }),
    'REGISTER alice, takes no calls',
    [
      same('name', 'alice'),
      same('proof.key', 'K'),
      same('proof.nonce', HEX),
      same('proof.address', '10.0.0.1:10001'),
      same('proof.signature', 'S'),
    ],
  ],
  [json(REGISTERED.type, { name: 'alice' }), 'REGISTERED alice', [same('name', 'alice')]],
  [
    json(WHO.type, { id: 1, prefix: '', after: 'b', limit: 50 }),
    'WHO *',
    [same('id', '1'), same('who.prefix', ''), same('who.after', 'b'), same('who.limit', '50')],
  ],
  [
    json(USERS.type, { id: 1, users: [{ name: 'alice' }, {}, { name: 'bob' }, null], next: null }),
    'USERS alice, bob',
    [same('id', '1'), same('name', 'alice'), same('name', 'bob')],
  ],
  [json(LOOKUP.type, { id: 2, name: 'bob' }), 'LOOKUP bob', [same('id', '2'), same('name', 'bob')]],
  [
    json(CARD.type, { id: 2, name: 'bob', host: '10.0.0.3', port: 40_001, fingerprint: null }),
    'CARD bob at 10.0.0.3, port 40001',
    [same('id', '2'), same('name', 'bob'), same('host', '10.0.0.3'), same('port', '40001')],
  ],
  [json(WATCH.type, { names: ['bob', 'carol'] }), 'WATCH bob, carol', [same('name', 'bob'), same('name', 'carol')]],
  [
    json(PRESENCE.type, { name: 'bob', online: true }),
    'PRESENCE bob, online: true',
    [same('name', 'bob'), same('presence.online', 'true')],
  ],
  [json(NAME.type, { name: 'alice' }), 'NAME alice', [same('name', 'alice')]],
  [
    json(OFFER.type, { groups: ['ffdhe3072', 'modp14'], group: 'ffdhe3072', public: 'ff', nonce: HEX }),
    'OFFER ffdhe3072',
    [
      same('dh.groups', 'ffdhe3072'),
      same('dh.groups', 'modp14'),
      same('dh.group', 'ffdhe3072'),
      same('dh.public', 'ff'),
      same('nonce', HEX),
    ],
  ],
  [json(RETRY.type, { group: 'modp14' }), 'RETRY modp14', [same('dh.group', 'modp14')]],
  [
    json(CALL.type, { conversation: 'c0', resume: { conversation: 'd1', received: '17' } }),
    'CALL d1 goes on, texts received: 17',
    [same('conversation', 'c0'), same('resume.conversation', 'd1'), same('received', '17')],
  ],
  [json(CALL.type, { conversation: 'c0' }), 'CALL', [same('conversation', 'c0')]],
  [
    json(ACCEPT.type, { conversation: 'd1', received: '4' }),
    'ACCEPT goes on, texts received: 4',
    [same('conversation', 'd1'), same('received', '4')],
  ],
  [json(DECLINE.type, { code: 'busy' }), 'DECLINE busy', [same('code', 'busy')]],
  [
    binary(TEXT.type, 'ffffffffffffffff', Buffer.from('hello 🍵').toString('hex')),
    'TEXT "hello 🍵"',
    [['id', '18446744073709551615', '\ufffd'.repeat(8)], same('text', 'hello 🍵')],
  ],
  [
    json(FILE_OFFER.type, { id: 1, name: 'tea.txt', size: 120_000, sha256: HEX }),
    'FILE_OFFER 1 "tea.txt", 120000 bytes',
    [same('id', '1'), same('file.name', 'tea.txt'), same('file.size', '120000'), same('file.sha256', HEX)],
  ],
  [
    json(FILE_ACCEPT.type, { id: 1, offset: 0 }),
    'FILE_ACCEPT 1 from byte 0',
    [same('id', '1'), same('file.offset', '0')],
  ],
  [
    binary(FILE_CHUNK.type, '00000001', '0000000000000040', '616263'),
    'FILE_CHUNK 1 from byte 64, 3 bytes',
    [
      ['id', '1', '\0\0\0\x01'],
      ['file.offset', '64', '\0\0\0\0\0\0\0@'],
      ['file.bytes', '616263', 'abc'],
    ],
  ],
  [json(FILE_RESULT.type, { id: 1, code: null }), 'FILE_RESULT 1 arrived', [same('id', '1')]],
  [
    json(FILE_CANCEL.type, { id: 1, code: 'file-changed' }),
    'FILE_CANCEL 1 file-changed',
    [same('id', '1'), same('code', 'file-changed')],
  ],
])('%# %s', (frame, summary, fields) => {
  const message = readMessage(frame, null, 'on the wire')
  expect(message.sound).toBe(true)
  expect(`${message.name} ${message.line}`.trim()).toBe(summary)
  expect(bodyOf(message, frame)).toEqual(fields)
})

test.each([
  ['a type that nobody knows', Uint8Array.of(0, 0, 0, 3, 0x99, 1, 2), 'type 0x99'],
  ['no JSON', encodeFrame({ type: NAME.type, body: Buffer.from('alice') }), 'NAME'],
  ['JSON that is no object', json(NAME.type, ['alice']), 'NAME'],
  [
    'bytes that are not UTF-8',
    encodeFrame({ type: NAME.type, body: Buffer.from('{"name":"\xff"}', 'latin1') }),
    'NAME',
  ],
  ['a number for a text', json(NAME.type, { name: 1 }), 'NAME'],
  ['a text for a number', json(LOOKUP.type, { id: '1', name: 'bob' }), 'LOOKUP'],
  ['a fraction', json(LOOKUP.type, { id: 1.5 }), 'LOOKUP'],
  ['a negative number', json(LOOKUP.type, { id: -1 }), 'LOOKUP'],
  ['a number beyond 2^53', encodeFrame({ type: LOOKUP.type, body: Buffer.from('{"id":9007199254740992}') }), 'LOOKUP'],
  ['a text for an object', json(REGISTER.type, { name: 'alice', proof: 'mine' }), 'REGISTER'],
  ['a text for an array', json(WATCH.type, { names: 'bob' }), 'WATCH'],
  ['an array of something else', json(WATCH.type, { names: ['bob', 1] }), 'WATCH'],
  ['a hello without its magic', json(HELLO.type, { protocol: 'calc/1' }, 'P2PX'), 'HELLO'],
  ['a text that is shorter than its id', binary(TEXT.type, '00000000000001'), 'TEXT'],
  ['a text that is not UTF-8', binary(TEXT.type, '0000000000000001', 'c0af'), 'TEXT'],
  ['a receipt that is too long', binary(RECEIPT.type, '000000000000000100'), 'RECEIPT'],
  ['a chunk without bytes', binary(FILE_CHUNK.type, '00000001', '0000000000000000'), 'FILE_CHUNK'],
  ['a body above the limit', json(NAME.type, { name: 'a'.repeat(256) }), 'NAME'],
  ['a goodbye with words', binary(GOODBYE.type, '616263'), 'GOODBYE'],
  ['a confirmation that is too short', binary(CONFIRM.type, '00'.repeat(31)), 'CONFIRM'],
  ['an identity that is too short', binary(IDENTITY.type, '00'.repeat(192)), 'IDENTITY'],
])('%s is a bad frame, shown as it is', (_, frame, name) => {
  const message = readMessage(frame, null, 'on the wire')
  expect(message.name).toBe(name)
  expect(message.findings.map(({ code }) => code)).toEqual(['bad-frame'])
  expect(message.fields.map(field => field.name)).toEqual(['length', 'type', 'body'])
  expect(message.fields[2]?.value).toBe(Buffer.from(frame.subarray(5)).toString('hex'))
})

test.each([
  ['a null', json(REGISTER.type, { name: 'alice', port: null, proof: null })],
  ['what nobody named', json(REGISTER.type, { name: 'alice', colour: [{ deep: 1 }] })],
  ['what is missing', json(REGISTER.type, { name: 'alice' })],
])('%s gives no field', (_, frame) => {
  const message = readMessage(frame, 'directory/1', 'on the wire')
  expect(message.fields.map(({ name }) => name)).toEqual(['length', 'type', 'name'])
  expect(message.findings.map(({ code }) => code)).toEqual(['unproven-name'])
})

test.each([
  ['7.0', '7'],
  ['7e0', '7'],
  ['0.7E+1', '7'],
  ['-0', '0'],
  ['9.007199254740991e15', '9007199254740991'],
])('%s is the number that a receiver reads', (spelt, id) => {
  const frame = encodeFrame({ type: LOOKUP.type, body: Buffer.from(`{"id":${spelt},"name":"bob"}`) })
  const message = readMessage(frame, 'directory/1', 'on the wire')
  expect(message.sound).toBe(true)
  expect(bodyOf(message, frame)).toEqual([['id', id, spelt], same('name', 'bob')])
})

test('what a peer says cannot play tricks with the line that it stands in', () => {
  const frame = binary(
    TEXT.type,
    '0000000000000001',
    Buffer.from('a\u001b[2J\nb\u202e' + 'c'.repeat(80)).toString('hex'),
  )
  expect(readMessage(frame, null, 'on the wire').line).toBe(`"a␛[2J␤b${'c'.repeat(52)}…"`)
})

test('types and limits are those of docs/protocol.md, on the rungs that have them', () => {
  const document = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
  const rows = [...document.matchAll(/^\| 0x([0-9a-f]{2}) \| ([A-Z_]+) \| [^|]+ \| ([0-9,]+) \|/gm)]
  const table = rows.map(([, type = '', name, limit = '']) => [
    Number.parseInt(type, 16),
    name,
    Number(limit.replaceAll(',', '')),
  ])
  expect(table.length).toBe(34)
  const known = [...typesOf(null, 'on the wire').values()]
  expect(table).toEqual(known.map(({ type, name, limit }) => [type, name, limit]))

  const types = (...args: Parameters<typeof typesOf>) => [...typesOf(...args).keys()].sort((a, b) => a - b)
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
  const session = [ERROR.type, GOODBYE.type, KEEPALIVE.type, ...range(CALL.type, FILE_CANCEL.type)]
  expect(types('calc/1', 'on the wire')).toEqual([...range(1, 4), EVALUATE.type, RESULT.type])
  expect(types('directory/1', 'on the wire')).toEqual([...range(1, 4), ...range(WELCOME.type, PRESENCE.type)])
  expect(types('peer-basic/1', 'on the wire')).toEqual([
    HELLO.type,
    ...session.slice(0, 3),
    NAME.type,
    ...session.slice(3),
  ])
  for (const protocol of ['peer-dh/1', 'peer-aes/1'] as const) {
    expect(types(protocol, 'on the wire')).toEqual([...range(1, 4), ...range(OFFER.type, CONFIRM.type), RECORD.type])
  }
  expect(types('peer-dh/1', 'in a record')).toEqual(session)
  expect(types('peer-aes/1', 'in a record')).toEqual([...session.slice(0, 3), KEY_UPDATE.type, ...session.slice(3)])
})
