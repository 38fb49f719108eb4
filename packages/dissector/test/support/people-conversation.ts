import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { CARD, LOOKUP, REGISTER, REGISTERED, WATCH, WELCOME } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { tcpConversation } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { GOODBYE, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import type { Endpoint } from '@p2p-secure-chat/core/capture/tcp-segment'
import { pcapFile, type Recorded } from './capture-file.ts'
import { secureConversation } from './secure-conversation.ts'
import type { Said } from './streams.ts'

const SERVER = { host: '10.0.0.1', port: 10_001 }
const ALICE = { host: '10.0.0.2', port: 50_000 }
const BOB = { host: '10.0.0.3', port: 40_003 }

const frame = (code: number, body: Uint8Array | object): Uint8Array =>
  encodeFrame({ type: code, body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body)) })
const hello = (protocol: string, rung?: string) =>
  frame(HELLO.type, Buffer.from(`P2PC${JSON.stringify(rung === undefined ? { protocol } : { protocol, rung })}`))

const text = (id: number, words: string) => {
  const body = Buffer.alloc(8)
  body.writeBigUInt64BE(BigInt(id))
  return { type: TEXT.type, body: Buffer.concat([body, Buffer.from(words)]) }
}

/** Alice registers with the directory and asks for bob. */
export const directoryTalk: RecordedTalk = {
  dialler: { ...ALICE, port: 49_000 },
  listener: SERVER,
  said: [
    { from: 'dialler', bytes: hello('directory/1', 'peer-basic/1') },
    { from: 'listener', bytes: hello('directory/1', 'peer-basic/1') },
    { from: 'listener', bytes: frame(WELCOME.type, { open: true }) },
    { from: 'dialler', bytes: frame(REGISTER.type, { name: 'alice', port: null }) },
    { from: 'listener', bytes: frame(REGISTERED.type, { name: 'alice' }) },
    { from: 'dialler', bytes: frame(LOOKUP.type, { id: 1, name: 'bob' }) },
    {
      from: 'listener',
      bytes: frame(CARD.type, { id: 1, name: 'bob', host: BOB.host, port: BOB.port, fingerprint: null }),
    },
    { from: 'dialler', bytes: frame(WATCH.type, { names: ['alice', 'bob'] }) },
    { from: 'dialler', bytes: frame(GOODBYE.type, new Uint8Array(0)) },
    { from: 'listener', bytes: frame(GOODBYE.type, new Uint8Array(0)) },
  ],
}

/** A chat that everybody can read. */
export function basicConversation(words: string): RecordedTalk {
  return {
    dialler: ALICE,
    listener: BOB,
    said: [
      { from: 'dialler', bytes: hello('peer-basic/1') },
      { from: 'listener', bytes: hello('peer-basic/1') },
      { from: 'dialler', bytes: encodeFrame(text(1, words)) },
      { from: 'dialler', bytes: frame(GOODBYE.type, new Uint8Array(0)) },
      { from: 'listener', bytes: frame(GOODBYE.type, new Uint8Array(0)) },
    ],
  }
}

/** A chat in sealed records, and the key log that opens it. */
export function sealedTalk(words: string): { readonly talk: RecordedTalk; readonly keys: string } {
  const talk = secureConversation('peer-aes/1')
  const goodbye = { type: GOODBYE.type, body: new Uint8Array(0) }
  const said: Said[] = [
    ...talk.handshake,
    talk.record('dialler', text(1, words)),
    talk.record('dialler', goodbye),
    talk.record('listener', goodbye),
  ]
  return { talk: { dialler: { ...ALICE, port: 50_001 }, listener: BOB, said }, keys: talk.lines }
}

export interface RecordedTalk {
  readonly dialler: Endpoint
  readonly listener: Endpoint
  readonly said: readonly Said[]
}

const START = 1_700_000_000_000_000_000n
const MILLISECOND = 1_000_000n

/** The packets of whole connections, one after the other and a millisecond each. */
export function packetsOf(talks: readonly RecordedTalk[]): Recorded[] {
  const packets: Recorded[] = []
  const deliver = (bytes: Uint8Array) => {
    packets.push({ bytes, time: START + BigInt(packets.length) * MILLISECOND })
  }
  for (const [i, { dialler, listener, said }] of talks.entries()) {
    const first = { dialler: 1_000 * i, listener: 4_294_967_000 }
    const connection = tcpConversation({ ends: { dialler, listener }, first, deliver })
    for (const { from, bytes } of said) connection.say(from, bytes)
    connection.end('dialler')
    connection.end('listener')
  }
  return packets
}

/** A capture of whole connections, without link-layer headers. */
export function captureOf(...talks: readonly RecordedTalk[]): Uint8Array {
  return pcapFile(packetsOf(talks), { linkType: 101 })
}
