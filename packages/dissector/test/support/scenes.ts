import { randomBytes } from 'node:crypto'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
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
  FILE_PROGRESS,
  FILE_RESULT,
} from '@p2p-secure-chat/basic-p2p/messages/files'
import { EVALUATE, RESULT } from '@p2p-secure-chat/calculator/messages'
import { ERROR, GOODBYE, HELLO, KEEPALIVE, RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER, CONFIRM, IDENTITY, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { type Hello } from '@p2p-secure-chat/core/wire/hello'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import type { Side } from '../../src/capture/stream-event.ts'
import { handshakes, secureConversation, talkOf } from './secure-conversation.ts'
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
const hellos = (hello: Hello): Said[] => [dialler(HELLO.message(hello)), listener(HELLO.message(hello))]
const text = (from: Side, words: string): Said => ({ from, bytes: Buffer.from(words) })

const goodbye = empty(GOODBYE.type)
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

const call = jsonMessage(CALL.type, { conversation: hex(16) })
const accept = jsonMessage(ACCEPT.type, { conversation: hex(16), received: '17' })
const files: readonly Said[] = [
  dialler(jsonMessage(FILE_OFFER.type, { id: 1, name: 'mill "old".txt', size: 7, sha256: hex(32) })),
  listener(jsonMessage(FILE_ACCEPT.type, { id: 1, offset: 2 })),
  dialler(raw(FILE_CHUNK.type, u32(1), u64(2n), 'brook')),
  listener(raw(FILE_PROGRESS.type, u32(1), u64(7n)), jsonMessage(FILE_RESULT.type, { id: 1, code: null })),
  dialler(jsonMessage(FILE_CANCEL.type, { id: 2, code: 'cancelled' })),
]

const calculator: Scene = {
  title: 'calculator',
  port: 10_001,
  said: [
    ...hellos({ protocol: 'calc/1' }),
    dialler(...[1, 2, 7].map(id => jsonMessage(EVALUATE.type, { id, expression: `${id} + 3 * 4 → ü` }))),
    listener(jsonMessage(RESULT.type, { id: 2, result: '20' }), jsonMessage(RESULT.type, { id: 1, result: '16' })),
    listener(
      jsonMessage(RESULT.type, { id: 7, error: { code: 'division-by-zero', message: 'at column 5', column: 5 } }),
      jsonMessage(ERROR.type, { code: 'too-many', message: 'later' }),
    ),
    dialler(empty(KEEPALIVE.type), goodbye),
    listener(goodbye),
  ],
}

const directory: Scene = {
  title: 'directory',
  port: 10_000,
  said: [
    ...hellos({ protocol: 'directory/1', rung: 'peer-aes/1' }),
    listener(jsonMessage(WELCOME.type, { open: true, nonce: hex(32) })),
    dialler(jsonMessage(REGISTER.type, { name: 'alice', port: null })),
    listener(jsonMessage(ERROR.type, { code: 'bad-name', message: 'no' })),
    dialler(
      jsonMessage(REGISTER.type, {
        name: 'alice',
        port: 40_123,
        proof: { key: 'k', nonce: hex(32), address: '192.0.2.1:10001', signature: 's' },
      }),
    ),
    listener(jsonMessage(REGISTERED.type, { name: 'alice' })),
    dialler(
      jsonMessage(WHO.type, { id: 1, prefix: 'a', after: '', limit: 50 }),
      jsonMessage(LOOKUP.type, { id: 2, name: 'bob' }),
      jsonMessage(LOOKUP.type, { id: 3, name: 'carol' }),
      { type: LOOKUP.type, body: Buffer.from('{"id":4.0,"name":"mallory"}') },
      jsonMessage(WATCH.type, { names: ['bob', 'carol'] }),
    ),
    listener(
      jsonMessage(CARD.type, { id: 2, name: 'bob', host: '192.0.2.7', port: 40_123, fingerprint: null }),
      jsonMessage(USERS.type, { id: 1, users: [{ name: 'alice' }, { name: 'bob' }], next: 'bob' }),
      jsonMessage(ERROR.type, { id: 3, code: 'unknown-user', message: 'nobody is called carol' }),
      {
        type: ERROR.type,
        body: Buffer.from('{"id":0.4e1,"code":"unknown-user","message":"nobody is called mallory"}'),
      },
      jsonMessage(PRESENCE.type, { name: 'bob', online: false }),
      jsonMessage(ERROR.type, { code: 'name-taken', message: 'by another connection' }),
    ),
  ],
}

const basic: Scene = {
  title: 'basic',
  port: 50_111,
  said: [
    ...hellos({ protocol: 'peer-basic/1' }),
    dialler(jsonMessage(NAME.type, { name: 'alice' })),
    listener(jsonMessage(NAME.type, { name: 'bob' })),
    dialler(call),
    listener(accept),
    dialler(
      TEXT.message({ id: 1n, text: 'grüße & "quotes" <tags> 👋' }),
      TEXT.message({ id: 2n, text: '' }),
      TEXT.message({ id: 2n ** 64n - 1n, text: 'far' }),
    ),
    listener(RECEIPT.message({ id: 2n })),
    ...files,
    dialler(jsonMessage(CALL.type, { conversation: hex(16), resume: { conversation: hex(16), received: '3' } })),
    listener(jsonMessage(DECLINE.type, { code: 'no-conversation' }), goodbye),
  ],
}

/** Everything that may be wrong with a frame, each in a connection of its own where it ends what follows. */
function badFrames(): Scene[] {
  const wrong: readonly (Message | Uint8Array)[] = [
    empty(0x99),
    raw(TEXT.type, 'a text where none belongs'),
    raw(EVALUATE.type, '{"id":1,"expression":"1"'),
    raw(EVALUATE.type, '[1]'),
    raw(EVALUATE.type, ' {"id":01}'),
    raw(EVALUATE.type, '{"id":1.5}'),
    raw(EVALUATE.type, '{"id":9007199254740992}'),
    raw(EVALUATE.type, '{"id":9007199254740991,"expression":"\\ud83d\\ude00\\u00e9 \\n","more":[{"a":null}]} '),
    raw(EVALUATE.type, '{"id":"1"}'),
    raw(EVALUATE.type, '{"id":null,"id":2,"expression":null}'),
    raw(EVALUATE.type, `{"id":1,"x":${'['.repeat(62)}${']'.repeat(62)}}`),
    raw(EVALUATE.type, `{"id":1,"x":${'['.repeat(80)}${']'.repeat(80)}}`),
    raw(EVALUATE.type, '{"id":1,"expression":"', 0xc3, '"}'),
    raw(EVALUATE.type, '{"id":1,"expression":"tab\there"}'),
    raw(EVALUATE.type, 0xef, 0xbb, 0xbf, '{"id":1}'),
    raw(EVALUATE.type),
    raw(RESULT.type, '{"id":1,"error":"none"}'),
    raw(RESULT.type, '{"id":1,"error":{"code":7}}'),
    raw(GOODBYE.type, 'x'),
    raw(HELLO.type, 'P2PD{}'),
    raw(HELLO.type, 'P2PC{"protocol":7}'),
    { type: ERROR.type, body: new Uint8Array(1_025).fill(0x20) },
    { type: KEEPALIVE.type, body: new Uint8Array(66_000) },
  ]
  const beginning = hellos({ protocol: 'calc/1' })
  const ending = [dialler(jsonMessage(EVALUATE.type, { id: 5, expression: '5' }))]
  return [
    ...wrong.map((message, i): Scene => {
      return { title: `bad frame ${i}`, port: 50_200, said: [...beginning, dialler(message), ...ending] }
    }),
    { title: 'length 0', port: 50_201, said: [...beginning, dialler(u32(0)), ...ending, listener(goodbye)] },
    { title: 'far too long', port: 50_202, said: [...beginning, dialler(u32(66_002), Buffer.of(0x10)), ...ending] },
    {
      title: 'unknown version',
      port: 50_203,
      said: [dialler(raw(HELLO.type, 'P2PC{"protocol":"calc/2"}')), ...ending],
    },
    {
      title: 'an ERROR in the place of a HELLO',
      port: 50_204,
      said: [
        dialler(HELLO.message({ protocol: 'calc/1' })),
        listener(jsonMessage(ERROR.type, { code: 'too-many', message: 'm' })),
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
      talk.record(
        'dialler',
        TEXT.message({ id: 1n, text: 'we meet at nine 🍵' }),
        TEXT.message({ id: 2n, text: 'bring the map' }),
      ),
      talk.record('listener', RECEIPT.message({ id: 1n }), RECEIPT.message({ id: 2n })),
      talk.record('dialler', empty(KEEPALIVE.type)),
      talk.record('listener', jsonMessage(DECLINE.type, { code: 'busy' })),
      talk.record('listener', goodbye),
    ],
  }
})

/** What somebody on the path may make of a handshake, and what a key log then says of it. */
const brokenHandshakes: readonly Scene[] = (['peer-dh/1', 'peer-aes/1'] as const).flatMap((protocol, i) => {
  const talk = secureConversation(protocol)
  const last = (type: number, from: Side) =>
    talk.handshake.findLastIndex(said => said.bytes[4] === type && said.from === from)
  const changed = (place: number, at: number) =>
    talk.handshake.map((said, j) => (j === place ? flipped(said, at) : said))
  const scene = (title: string, said: readonly Said[], n: number): Scene => {
    return { title: `${protocol}: ${title}`, port: 50_400 + 10 * i + n, said: [...said, talk.record('dialler', call)] }
  }
  return [
    scene('the identity of the responder was changed', changed(last(IDENTITY.type, 'listener'), 50), 0),
    scene('the identity of the initiator was changed', changed(last(IDENTITY.type, 'dialler'), 180), 1),
    scene('the confirmation was changed', changed(last(CONFIRM.type, 'listener'), 20), 2),
    scene('the answer was changed', changed(last(ANSWER.type, 'listener'), 60), 3),
    scene('the confirmation is too short', [...talk.handshake.slice(0, -1), listener(raw(CONFIRM.type, 'short'))], 4),
  ]
})

function sealed(
  title: string,
  port: number,
  deed: (talk: ReturnType<typeof secureConversation>) => readonly Said[],
): Scene {
  const talk = secureConversation('peer-aes/1', 3)
  return { title, port, said: [...talk.handshake, ...deed(talk)] }
}

const number = (id: number) => TEXT.message({ id: BigInt(id), text: `number ${id}` })

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
    dialler(raw(RECORD.type, 'too short')),
    dialler(raw(RECORD.type, new Uint8Array(65))),
    talk.record('dialler', number(1)),
  ]),
  sealed('frames that do not belong into records', 50_505, talk => [
    talk.record('dialler', HELLO.message({ protocol: 'peer-aes/1' })),
    talk.record('dialler', empty(KEY_UPDATE.type)),
    talk.record('dialler', raw(RECEIPT.type, 'short'), number(2)),
    talk.record('dialler', ...files.map(({ bytes }) => ({ type: bytes[4] ?? 0, body: bytes.subarray(5) })).slice(0, 3)),
  ]),
  sealed('talk in the clear', 50_506, talk => [dialler(number(1)), talk.record('dialler', number(2))]),
]

function keystream(): Scene {
  const talk = secureConversation('peer-dh/1')
  return {
    title: 'bits of the stream turned over',
    port: 50_600,
    said: [
      ...talk.handshake,
      talk.record('dialler', number(1)),
      flipped(talk.record('dialler', number(2)), 20),
      flipped(talk.record('dialler', number(3)), 7),
      dialler(raw(RECORD.type)),
      talk.record('dialler', number(4)),
    ],
  }
}

function publicValues(): Scene {
  const offer = (group: string, value: string) =>
    dialler(jsonMessage(OFFER.type, { groups: ['ffdhe3072', group], group, public: value, nonce: hex(32) }))
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
        jsonMessage(RETRY.type, { group: 'modp14' }),
        jsonMessage(ANSWER.type, { group: 'toy', public: '0F'.repeat(256) }),
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
      dialler(jsonMessage(EVALUATE.type, { id: 4, expression: '4' })),
      listener(jsonMessage(RESULT.type, { id: 4, result: '4' })),
      dialler(raw(RECORD.type, 'sealed by whom?'), raw(CONFIRM.type, new Uint8Array(32)), goodbye),
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
  const talk = secureConversation('peer-aes/1')
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
