import { randomBytes } from 'node:crypto'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { type Hello, helloMessage } from '@p2p-secure-chat/core/wire/hello'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import * as t from '@p2p-secure-chat/core/wire/message-types'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { receiptMessage, textMessage } from '@p2p-secure-chat/basic-p2p/chat/session-messages'
import type { Side } from '../../src/capture/stream-event.ts'
import { handshakes, secureTalk, talkOf } from './secure-talk.ts'
import type { Said } from './streams.ts'

/** One connection of a capture. */
export interface Scene {
  readonly title: string
  /** Where the listener listens. */
  readonly port: number
  /** Where the dialler calls from; of its own if not given. */
  readonly from?: number
  readonly said: readonly Said[]
}

const empty = (type: number): Message => ({ type, body: new Uint8Array() })
const raw = (type: number, ...bytes: readonly (number | string | Uint8Array)[]): Message => ({
  type,
  body: Buffer.concat(bytes.map(part => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part)))),
})

const say = (from: Side, ...messages: readonly (Message | Uint8Array)[]): Said => ({
  from,
  bytes: Buffer.concat(messages.map(message => ('type' in message ? encodeFrame(message) : message))),
})
const dialler = (...messages: readonly (Message | Uint8Array)[]) => say('dialler', ...messages)
const listener = (...messages: readonly (Message | Uint8Array)[]) => say('listener', ...messages)
const hellos = (hello: Hello): Said[] => [dialler(helloMessage(hello)), listener(helloMessage(hello))]
const text = (from: Side, words: string): Said => ({ from, bytes: Buffer.from(words) })

const goodbye = empty(t.GOODBYE)
const hex = (bytes: number) => 'a7'.repeat(bytes)
const u32 = (value: number) => Buffer.of(value >>> 24, value >>> 16, value >>> 8, value)
const u64 = (value: bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

function flipped({ from, bytes }: Said, place: number): Said {
  const other = Uint8Array.from(bytes)
  other[place] = (other[place] ?? 0) ^ 0x20
  return { from, bytes: other }
}

const call = jsonMessage(t.CALL, { conversation: hex(16) })
const accept = jsonMessage(t.ACCEPT, { conversation: hex(16), received: '17' })
const files: readonly Said[] = [
  dialler(jsonMessage(t.FILE_OFFER, { id: 1, name: 'mill "old".txt', size: 7, sha256: hex(32) })),
  listener(jsonMessage(t.FILE_ACCEPT, { id: 1, offset: 2 })),
  dialler(raw(t.FILE_CHUNK, u32(1), u64(2n), 'brook')),
  listener(raw(t.FILE_PROGRESS, u32(1), u64(7n)), jsonMessage(t.FILE_RESULT, { id: 1, code: null })),
  dialler(jsonMessage(t.FILE_CANCEL, { id: 2, code: 'cancelled' })),
]

const calculator: Scene = {
  title: 'calculator',
  port: 10_001,
  said: [
    ...hellos({ protocol: 'calc/1' }),
    dialler(...[1, 2, 7].map(id => jsonMessage(t.EVALUATE, { id, expression: `${id} + 3 * 4 → ü` }))),
    listener(jsonMessage(t.RESULT, { id: 2, result: '20' }), jsonMessage(t.RESULT, { id: 1, result: '16' })),
    listener(
      jsonMessage(t.RESULT, { id: 7, error: { code: 'division-by-zero', message: 'at column 5', column: 5 } }),
      jsonMessage(t.ERROR, { code: 'too-many', message: 'later' }),
    ),
    dialler(empty(t.KEEPALIVE), goodbye),
    listener(goodbye),
  ],
}

const directory: Scene = {
  title: 'directory',
  port: 10_000,
  said: [
    ...hellos({ protocol: 'directory/1', rung: 'peer-aes/1' }),
    listener(jsonMessage(t.WELCOME, { open: true, nonce: hex(32) })),
    dialler(jsonMessage(t.REGISTER, { name: 'alice', port: null })),
    listener(jsonMessage(t.ERROR, { code: 'bad-name', message: 'no' })),
    dialler(
      jsonMessage(t.REGISTER, {
        name: 'alice',
        port: 40_123,
        proof: { key: 'k', nonce: hex(32), address: '192.0.2.1:10001', signature: 's' },
      }),
    ),
    listener(jsonMessage(t.REGISTERED, { name: 'alice' })),
    dialler(
      jsonMessage(t.WHO, { id: 1, prefix: 'a', after: '', limit: 50 }),
      jsonMessage(t.LOOKUP, { id: 2, name: 'bob' }),
      jsonMessage(t.LOOKUP, { id: 3, name: 'carol' }),
      jsonMessage(t.WATCH, { names: ['bob', 'carol'] }),
    ),
    listener(
      jsonMessage(t.CARD, { id: 2, name: 'bob', host: '192.0.2.7', port: 40_123, fingerprint: null }),
      jsonMessage(t.USERS, { id: 1, users: [{ name: 'alice' }, { name: 'bob' }], next: 'bob' }),
      jsonMessage(t.ERROR, { id: 3, code: 'unknown-user', message: 'nobody is called carol' }),
      jsonMessage(t.PRESENCE, { name: 'bob', online: false }),
      jsonMessage(t.ERROR, { code: 'name-taken', message: 'by another connection' }),
    ),
  ],
}

const basic: Scene = {
  title: 'basic',
  port: 50_111,
  said: [
    ...hellos({ protocol: 'peer-basic/1' }),
    dialler(jsonMessage(t.NAME, { name: 'alice' })),
    listener(jsonMessage(t.NAME, { name: 'bob' })),
    dialler(call),
    listener(accept),
    dialler(textMessage(1n, 'grüße & "quotes" <tags> 👋'), textMessage(2n, ''), textMessage(2n ** 64n - 1n, 'far')),
    listener(receiptMessage(2n)),
    ...files,
    dialler(jsonMessage(t.CALL, { conversation: hex(16), resume: { conversation: hex(16), received: '3' } })),
    listener(jsonMessage(t.DECLINE, { code: 'no-conversation' }), goodbye),
  ],
}

/** Everything that may be wrong with a frame, each in a connection of its own where it ends what follows. */
function badFrames(): Scene[] {
  const wrong: readonly (Message | Uint8Array)[] = [
    empty(0x99),
    raw(t.TEXT, 'a text where none belongs'),
    raw(t.EVALUATE, '{"id":1,"expression":"1"'),
    raw(t.EVALUATE, '[1]'),
    raw(t.EVALUATE, ' {"id":01}'),
    raw(t.EVALUATE, '{"id":1.5}'),
    raw(t.EVALUATE, '{"id":9007199254740992}'),
    raw(t.EVALUATE, '{"id":9007199254740991,"expression":"\\ud83d\\ude00\\u00e9 \\n","more":[{"a":null}]} '),
    raw(t.EVALUATE, '{"id":"1"}'),
    raw(t.EVALUATE, '{"id":null,"id":2,"expression":null}'),
    raw(t.EVALUATE, `{"id":1,"x":${'['.repeat(62)}${']'.repeat(62)}}`),
    raw(t.EVALUATE, `{"id":1,"x":${'['.repeat(80)}${']'.repeat(80)}}`),
    raw(t.EVALUATE, '{"id":1,"expression":"', 0xc3, '"}'),
    raw(t.EVALUATE, '{"id":1,"expression":"tab\there"}'),
    raw(t.EVALUATE, 0xef, 0xbb, 0xbf, '{"id":1}'),
    raw(t.EVALUATE),
    raw(t.RESULT, '{"id":1,"error":"none"}'),
    raw(t.RESULT, '{"id":1,"error":{"code":7}}'),
    raw(t.GOODBYE, 'x'),
    raw(t.HELLO, 'P2PD{}'),
    raw(t.HELLO, 'P2PC{"protocol":7}'),
    { type: t.ERROR, body: new Uint8Array(1_025).fill(0x20) },
    { type: t.KEEPALIVE, body: new Uint8Array(66_000) },
  ]
  const beginning = hellos({ protocol: 'calc/1' })
  const ending = [dialler(jsonMessage(t.EVALUATE, { id: 5, expression: '5' }))]
  return [
    ...wrong.map((message, i): Scene => {
      return { title: `bad frame ${i}`, port: 50_200, said: [...beginning, dialler(message), ...ending] }
    }),
    { title: 'length 0', port: 50_201, said: [...beginning, dialler(u32(0)), ...ending, listener(goodbye)] },
    { title: 'far too long', port: 50_202, said: [...beginning, dialler(u32(66_002), Buffer.of(0x10)), ...ending] },
    { title: 'unknown version', port: 50_203, said: [dialler(raw(t.HELLO, 'P2PC{"protocol":"calc/2"}')), ...ending] },
    {
      title: 'an ERROR in the place of a HELLO',
      port: 50_204,
      said: [
        dialler(helloMessage({ protocol: 'calc/1' })),
        listener(jsonMessage(t.ERROR, { code: 'too-many', message: 'm' })),
      ],
    },
  ]
}

const wholeHandshakes: readonly Scene[] = handshakes.map((vector, i) => {
  const talk = talkOf(vector)
  return {
    title: `handshake: ${vector.name}`,
    port: 50_300 + i,
    said: [
      ...talk.handshake,
      talk.record('dialler', call),
      talk.record('listener', accept),
      talk.record('dialler', textMessage(1n, 'we meet at nine 🍵'), textMessage(2n, 'bring the map')),
      talk.record('listener', receiptMessage(1n), receiptMessage(2n)),
      talk.record('dialler', empty(t.KEEPALIVE)),
      talk.record('listener', jsonMessage(t.DECLINE, { code: 'busy' })),
      talk.record('listener', goodbye),
    ],
  }
})

/** What somebody on the path may make of a handshake, and what a key log then says of it. */
const brokenHandshakes: readonly Scene[] = (['peer-dh/1', 'peer-aes/1'] as const).flatMap((protocol, i) => {
  const talk = secureTalk(protocol)
  const last = (type: number, from: Side) =>
    talk.handshake.findLastIndex(said => said.bytes[4] === type && said.from === from)
  const changed = (place: number, at: number) =>
    talk.handshake.map((said, j) => (j === place ? flipped(said, at) : said))
  const scene = (title: string, said: readonly Said[], n: number): Scene => {
    return { title: `${protocol}: ${title}`, port: 50_400 + 10 * i + n, said: [...said, talk.record('dialler', call)] }
  }
  return [
    scene('the identity of the responder was changed', changed(last(t.IDENTITY, 'listener'), 50), 0),
    scene('the identity of the initiator was changed', changed(last(t.IDENTITY, 'dialler'), 180), 1),
    scene('the confirmation was changed', changed(last(t.CONFIRM, 'listener'), 20), 2),
    scene('the answer was changed', changed(last(t.ANSWER, 'listener'), 60), 3),
    scene('the confirmation is too short', [...talk.handshake.slice(0, -1), listener(raw(t.CONFIRM, 'short'))], 4),
  ]
})

function sealed(title: string, port: number, deed: (talk: ReturnType<typeof secureTalk>) => readonly Said[]): Scene {
  const talk = secureTalk('peer-aes/1', 3)
  return { title, port, said: [...talk.handshake, ...deed(talk)] }
}

const number = (id: number) => textMessage(BigInt(id), `number ${id}`)

/** What somebody on the path may make of records. */
const attackedRecords = (): readonly Scene[] => [
  sealed('key updates', 50_500, talk => Array.from({ length: 11 }, (_, i) => talk.record('dialler', number(i)))),
  sealed('replayed, late and reflected', 50_501, talk => {
    const [a, b] = [talk.record('dialler', number(1)), talk.record('dialler', number(2))]
    const mirrored: Said = { from: 'listener', bytes: a.bytes }
    return [a, a, b, mirrored, a, talk.record('listener', number(1)), talk.record('dialler', number(3))]
  }),
  sealed('changed and forged', 50_502, talk => {
    const [a, b] = [talk.record('dialler', number(1)), talk.record('dialler', number(2))]
    return [flipped(a, 40), flipped(b, 110), talk.record('dialler', number(3)), flipped(b, 6)]
  }),
  sealed('missing and out of order', 50_503, talk => {
    const [a, b] = [talk.record('listener', number(1)), talk.record('listener', number(2))]
    return [b, a, talk.record('listener', number(3))]
  }),
  sealed('of no size that a record has', 50_504, talk => [
    dialler(raw(t.RECORD, 'too short')),
    dialler(raw(t.RECORD, new Uint8Array(65))),
    talk.record('dialler', number(1)),
  ]),
  sealed('frames that do not belong into records', 50_505, talk => [
    talk.record('dialler', helloMessage({ protocol: 'peer-aes/1' })),
    talk.record('dialler', empty(t.KEY_UPDATE)),
    talk.record('dialler', raw(t.RECEIPT, 'short'), number(2)),
    talk.record('dialler', ...files.map(({ bytes }) => ({ type: bytes[4] ?? 0, body: bytes.subarray(5) })).slice(0, 3)),
  ]),
  sealed('talk in the clear', 50_506, talk => [dialler(number(1)), talk.record('dialler', number(2))]),
]

function keystream(): Scene {
  const talk = secureTalk('peer-dh/1')
  return {
    title: 'bits of the stream turned over',
    port: 50_600,
    said: [
      ...talk.handshake,
      talk.record('dialler', number(1)),
      flipped(talk.record('dialler', number(2)), 20),
      flipped(talk.record('dialler', number(3)), 7),
      dialler(raw(t.RECORD)),
      talk.record('dialler', number(4)),
    ],
  }
}

function publicValues(): Scene {
  const offer = (group: string, value: string) =>
    dialler(jsonMessage(t.OFFER, { groups: ['ffdhe3072', group], group, public: value, nonce: hex(32) }))
  const edges = ['ffdhe2048', 'modp15', 'ffdhe8192', 'modp18'].flatMap(name => {
    const { p, bytes } = namedGroup(name)
    return [p - 2n, p - 1n, p, 2n, 1n].map(value => offer(name, value.toString(16).padStart(2 * bytes, '0')))
  })
  return {
    title: 'public values',
    port: 50_700,
    said: [
      ...hellos({ protocol: 'peer-aes/1' }),
      ...edges,
      offer('toy24', '00abcd'),
      offer('sha256:00', '01'),
      offer('sha256:01', 'no hex'),
      offer('ffdhe2048', ''),
      listener(
        jsonMessage(t.RETRY, { group: 'modp14' }),
        jsonMessage(t.ANSWER, { group: 'toy', public: '0F'.repeat(256) }),
      ),
    ],
  }
}

const iv = Buffer.from('an IV of 16 byte')
const legacy: readonly Scene[] = [
  {
    title: 'the directory of the textbook',
    port: 12_345,
    said: [
      text('listener', 'Enter your username:'),
      text('dialler', 'alice'),
      text('listener', 'Welcome! Please send your listening port.'),
      text('dialler', 'LISTEN_PORT:143'),
      text('listener', 'Listening port registered.'),
      text('dialler', 'Get Users'),
      text('listener', 'alice 10.0.0.2 143\nbob 10.0.0.3 5000\r\n\n'),
      text('dialler', 'EXIT'),
    ],
  },
  {
    title: 'peers of the textbook, on a port of something else',
    port: 143,
    said: [
      text('dialler', '8'),
      text('listener', '19\n'),
      { from: 'dialler', bytes: Buffer.concat([iv, Buffer.alloc(32, 0xee)]) },
      { from: 'dialler', bytes: Buffer.concat([iv, Buffer.alloc(16, 0xef)]) },
      text('listener', 'just text, of 32 characters ....'),
      text('dialler', 'EOM'),
    ],
  },
  {
    title: 'peers of the textbook, known by their numbers',
    port: 50_801,
    said: [
      text('dialler', '18446744073709551616'),
      text('listener', '000000000000000000000000018446744073709551615'),
      text('dialler', 'hello\r\n'),
    ],
  },
]

/** What is none of ours, or only in part. */
const foreign = (): readonly Scene[] => [
  {
    title: 'in mid-conversation',
    port: 10_001,
    said: [
      dialler(jsonMessage(t.EVALUATE, { id: 4, expression: '4' })),
      listener(jsonMessage(t.RESULT, { id: 4, result: '4' })),
      dialler(raw(t.RECORD, 'sealed by whom?'), raw(t.CONFIRM, new Uint8Array(32)), goodbye),
    ],
  },
  {
    title: 'another protocol on our port',
    port: 10_000,
    said: [dialler(Buffer.of(0x80, 0, 0, 24, 0, 0, 0, 1)), listener(randomBytes(90).fill(0xf0, 0, 1))],
  },
  {
    title: 'lines of text',
    port: 50_900,
    said: [text('dialler', 'GET / HTTP/1.0\r\n\r\n'), text('listener', 'HTTP/1.0 200 OK\r\n\r\n')],
  },
  { title: 'one number and one word', port: 50_901, said: [text('dialler', '12'), text('listener', 'twelve')] },
  { title: 'zeros', port: 50_902, said: [dialler(new Uint8Array(3)), dialler(new Uint8Array(40))] },
]

const again: readonly Scene[] = ['first', 'second'].map(title => {
  const talk = secureTalk('peer-aes/1')
  return {
    title: `the same ports: ${title}`,
    port: 51_000,
    from: 51_001,
    said: [...talk.handshake, talk.record('dialler', call)],
  }
})

/** Every message of every protocol, and everything that the dissectors have to say against one. */
export const SCENES: readonly Scene[] = [
  calculator,
  directory,
  basic,
  ...badFrames(),
  ...wholeHandshakes,
  ...brokenHandshakes,
  ...attackedRecords(),
  keystream(),
  publicValues(),
  ...legacy,
  ...foreign(),
  ...again,
]

/** Opens what can be opened. */
export const KEY_LINES = handshakes.map(vector => talkOf(vector).lines).join('')
