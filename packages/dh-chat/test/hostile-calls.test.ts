import { randomBytes } from 'node:crypto'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame, frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { helloMessage } from '@p2p-secure-chat/core/wire/hello'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import { ANSWER, ERROR, GOODBYE, HELLO, IDENTITY, OFFER, RECORD, RETRY } from '@p2p-secure-chat/core/wire/message-types'
import { beforeAll, describe, expect, test } from 'vitest'
import { offerMessage } from '../src/handshake-messages.ts'
import { openStage, type Stage } from './support/stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage('dh-chat')
})

/** What bob tells whoever calls him. */
const answers = new Map([
  [HELLO, 256],
  [ERROR, 1024],
  [RETRY, 8192],
  [ANSWER, 8192],
  [IDENTITY, 193],
])

/** Calls bob directly, says all that at once and ends; what bob answered until he ended as well. */
async function call(...pieces: readonly Uint8Array[]): Promise<Message[]> {
  const socket = await dial(stage.bob.listen)
  const answered: Message[] = []
  const decoder = frameDecoder(answers)
  const over = new Promise<void>(resolve => socket.once('close', resolve))
  socket.on('data', (chunk: Buffer) => decoder.push(chunk, message => answered.push(message)))
  socket.on('error', () => socket.destroy())
  for (const piece of pieces) socket.write(piece)
  socket.end()
  await withDeadline(over, 5_000, 'the end of the call')
  return answered
}

const hello = encodeFrame(helloMessage({ protocol: 'peer-dh/1' }))
const { p, bytes } = namedGroup('ffdhe2048')
const hex = (value: bigint) => value.toString(16).padStart(2 * bytes, '0')
const fields = { groups: ['ffdhe2048'], group: 'ffdhe2048', public: hex(4n), nonce: '00'.repeat(32) }
const offer = (changes: Partial<typeof fields> = {}) => encodeFrame(offerMessage({ ...fields, ...changes }))
const frame = (type: number, body: Uint8Array) => encodeFrame({ type, body })

test.each<[what: string, said: readonly Uint8Array[], code: string]>([
  ['nothing', [], 'cut'],
  ['another protocol', [Buffer.from('GET / HTTP/1.1\r\nHost: bob\r\n\r\n')], 'wrong-protocol'],
  ['a hello of another rung', [encodeFrame(helloMessage({ protocol: 'peer-basic/1' }))], 'wrong-protocol'],
  ['half a hello', [hello.subarray(0, 12)], 'cut'],
  ['a hello and no more', [hello], 'cut'],
  ['hello twice', [hello, hello], 'handshake-failed'],
  ['a frame without a type', [hello, Buffer.alloc(5)], 'handshake-failed'],
  ['a frame of 4 GiB', [hello, Buffer.from([0xff, 0xff, 0xff, 0xff, OFFER])], 'handshake-failed'],
  ['an offer that is no JSON', [hello, frame(OFFER, Buffer.from('{'))], 'handshake-failed'],
  ['an offer without groups', [hello, offer({ groups: [] })], 'handshake-failed'],
  ['an offer of unknown groups', [hello, offer({ groups: ['ffdhe512'], group: 'ffdhe512' })], 'no-common-group'],
  [
    'the same offer again after RETRY',
    [hello, offer({ group: 'ffdhe3072' }), offer({ group: 'ffdhe3072' })],
    'handshake-failed',
  ],
  [
    'an offer that brings its own numbers',
    [hello, encodeFrame(jsonMessage(OFFER, { p: '17', g: '2' }))],
    'handshake-failed',
  ],
  ['an identity before an offer', [hello, frame(IDENTITY, randomBytes(193))], 'handshake-failed'],
  ['a record before an offer', [hello, frame(RECORD, randomBytes(128))], 'handshake-failed'],
  ['a goodbye before an offer', [hello, frame(GOODBYE, new Uint8Array())], 'handshake-failed'],
  ['an offer and no more', [hello, offer()], 'cut'],
  ['a forged identity', [hello, offer(), frame(IDENTITY, randomBytes(193))], 'handshake-failed'],
])('%s ends only that call', async (_, said, code) => {
  const [error] = await Promise.all([stage.bob.next('error'), call(...said)])
  expect(error).toMatchObject({ code, message: expect.stringMatching(/^call from 127\.0\.0\.1: /) })
  await stage.callAgain()
})

describe('a caller with the public value', () => {
  test.each([
    ['0', 0n],
    ['1', 1n],
    ['p - 1', p - 1n],
    ['p', p],
    ['p + 1', p + 1n],
    ['p - 2, which is no square', p - 2n],
  ])('%s is refused, is not told why, and gets no answer to compute with', async (_, value) => {
    const [answered, error] = await Promise.all([call(hello, offer({ public: hex(value) })), stage.bob.next('error')])
    expect(error.code).toBe('bad-public-value')
    expect(answered.map(({ type }) => type)).not.toContain(IDENTITY)
    const told = answered.find(({ type }) => type === ERROR) ?? expect.fail('bob said nothing')
    expect(readError(told.body).error).toMatchObject({ code: 'bad-message', message: 'refused' })
    await stage.callAgain()
  })
})
