import { expect, test } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { errorMessage } from '../../src/wire/error-message.ts'
import { encodeFrame, type Message } from '../../src/wire/frame.ts'
import { exchangeHello, type Hello } from '../../src/wire/hello.ts'
import { channelPair } from '../support/channel-pair.ts'
import { memoryWire } from '../support/wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR, HELLO } from '../../src/wire/common-messages.ts'

const limits = new Map([
  [HELLO.type, HELLO.limit],
  [ERROR.type, ERROR.limit],
  [TEXT.type, 100],
])

const hello = (said: object): Message => ({ type: HELLO.type, body: Buffer.from(`P2PC${JSON.stringify(said)}`) })

/** The code with which our side refuses what the other side sends, null if it is content. */
async function refusal(theirs: Message | null, ours: Hello = { protocol: 'peer-aes/1' }): Promise<string | null> {
  const [us, them] = channelPair()
  if (theirs !== null) await them.send(theirs)
  await them.close()
  return exchangeHello(us, ours).then(
    () => null,
    (error: unknown) => (error instanceof ChatError ? error.code : 'no ChatError'),
  )
}

test('both sides speak at once and learn both hellos as they crossed', async () => {
  const [alice, bob] = channelPair()
  const hello = { protocol: 'directory/1', rung: 'peer-aes/1' } as const
  const [seenByAlice, seenByBob] = await Promise.all([exchangeHello(alice, hello), exchangeHello(bob, hello)])
  expect(Buffer.from(seenByAlice.ours.body).toString()).toBe('P2PC{"protocol":"directory/1","rung":"peer-aes/1"}')
  const bytes = ({ type, body }: Message) => [type, ...body]
  expect(bytes(seenByBob.theirs)).toEqual(bytes(seenByAlice.ours))
  expect(bytes(seenByAlice.theirs)).toEqual(bytes(seenByBob.ours))
})

test('a hello shows itself in a capture by its first bytes', () => {
  const frame = Buffer.from(encodeFrame(HELLO.message({ protocol: 'calc/1' })))
  expect(frame.toString('latin1', 4, 9)).toBe('\x01P2PC')
})

test('every hello that we send is within its limit', () => {
  const longest = HELLO.message({ protocol: 'directory/1', rung: 'peer-basic/1' })
  expect(longest.body.length).toBeLessThan(HELLO.limit)
})

test.each<[string | null, object]>([
  [null, { protocol: 'peer-aes/1' }],
  [null, { protocol: 'peer-aes/1', shoe: 'size 9' }],
  ['wrong-protocol', { protocol: 'peer-dh/1' }],
  ['wrong-protocol', { protocol: 'calc/1' }],
  ['wrong-protocol', { protocol: 'peer-dh/2' }],
  ['wrong-protocol', { protocol: '' }],
  ['wrong-protocol', { protocol: 'peer-aes' }],
  ['wrong-protocol', { protocol: 'peer-aes/1', rung: 'peer-aes/1' }],
  ['wrong-protocol', { protocol: 1 }],
  ['wrong-protocol', {}],
  ['wrong-version', { protocol: 'peer-aes/2' }],
  ['wrong-version', { protocol: 'peer-aes/10' }],
  ['wrong-version', { protocol: 'peer-aes/1/1' }],
  ['wrong-version', { protocol: 'peer-aes/' }],
])('%s for %o', async (code, said) => {
  expect(await refusal(hello(said))).toBe(code)
})

test.each<[string | null, object]>([
  [null, { protocol: 'directory/1', rung: 'peer-dh/1' }],
  ['wrong-protocol', { protocol: 'directory/1', rung: 'peer-aes/1' }],
  ['wrong-protocol', { protocol: 'directory/1', rung: 'peer-dh/2' }],
  ['wrong-protocol', { protocol: 'directory/1' }],
  ['wrong-version', { protocol: 'directory/2', rung: 'peer-dh/1' }],
])('%s for %o, where the directory of the dh rung is wanted', async (code, said) => {
  expect(await refusal(hello(said), { protocol: 'directory/1', rung: 'peer-dh/1' })).toBe(code)
})

test.each([
  [null, ' { "shoe": [9], "protocol" : "peer-aes\\/1" }'],
  [null, '{"protocol":"peer-dh/1","protocol":"peer-aes/1"}'],
  ['wrong-protocol', '\ufeff{"protocol":"peer-aes/1"}'],
])('%s: JSON that is spelled %j', async (code, json) => {
  expect(await refusal({ type: HELLO.type, body: Buffer.from(`P2PC${json}`) })).toBe(code)
})

test.each<[string, Message]>([
  ['without the magic', { type: HELLO.type, body: Buffer.from('{"protocol":"peer-aes/1"}') }],
  ['with half of the magic', { type: HELLO.type, body: Buffer.from('P2') }],
  ['that is empty', { type: HELLO.type, body: Buffer.from('') }],
  ['that is no JSON', { type: HELLO.type, body: Buffer.from('P2PChello') }],
  ['that is not UTF-8', { type: HELLO.type, body: Buffer.from('P2PC\xff', 'latin1') }],
  ['of another type', { ...hello({ protocol: 'peer-aes/1' }), type: TEXT.type }],
])('a hello %s is another program', async (_, message) => {
  expect(await refusal(message)).toBe('wrong-protocol')
})

test('a side that leaves instead is cut', async () => {
  expect(await refusal(null)).toBe('cut')
})

test('a server that is full may say so in the place of its hello', async () => {
  expect(await refusal(errorMessage(new ChatError('too-many', 'this directory is full')))).toBe('too-many')
})

test.each([
  ['a web server', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'],
  ['a mail server', '220 mail.example.org ESMTP\r\n'],
  ['a shell', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['zeros', '\0'.repeat(20)],
])('%s is told apart by its first bytes', async (_, greeting) => {
  const wire = memoryWire()
  const channel: Channel = socketChannel(wire.alice, limits)
  wire.bob.write(greeting)
  await expect(exchangeHello(channel, { protocol: 'peer-aes/1' })).rejects.toEqual(
    expect.objectContaining({ code: 'wrong-protocol' }),
  )
})
