import { randomBytes } from 'node:crypto'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { online, testDirectory } from '../support/directory.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { directoryHello, half, register, type Stranger, stranger, strangeHello } from '../support/stranger.ts'
import { TEXT } from '../../src/messages/conversation.ts'
import { CARD, LOOKUP, REGISTER, REGISTERED, USERS, WATCH, WELCOME, WHO } from '../../src/messages/directory.ts'

const header = (length: number, type: number) => Buffer.from([length >>> 24, length >>> 16, length >>> 8, length, type])
const raw = (type: number, body: Uint8Array | string): Message => ({ type, body: Buffer.from(body) })

const BEFORE_THE_HELLO: readonly [string, string, (mallory: Stranger) => void][] = [
  ['a request of HTTP', 'wrong-protocol', ({ write }) => write('GET / HTTP/1.1\r\nHost: alice\r\n\r\n')],
  ['random bytes', 'wrong-protocol', ({ write }) => write(Buffer.concat([Buffer.from([255]), randomBytes(4096)]))],
  ['a frame of length 0', 'wrong-protocol', ({ write }) => write(header(0, HELLO.type))],
  ['a hello of a gigabyte', 'wrong-protocol', ({ write }) => write(header(1 << 30, HELLO.type))],
  ['an unknown type', 'wrong-protocol', ({ say }) => say(raw(0x7f, ''))],
  ['a hello without the magic', 'wrong-protocol', ({ say }) => say(raw(HELLO.type, '{"protocol":"directory/1"}'))],
  ['a hello that is not JSON', 'wrong-protocol', ({ say }) => say(raw(HELLO.type, 'P2PC{'))],
  ['a hello that is not UTF-8', 'wrong-protocol', ({ say }) => say(raw(HELLO.type, Buffer.from('P2PC\xff', 'latin1')))],
  ['a hello without a protocol', 'wrong-protocol', ({ say }) => say(raw(HELLO.type, 'P2PC{}'))],
  ['the calculator', 'wrong-protocol', ({ say }) => say(strangeHello('calc/1'))],
  ['another rung', 'wrong-protocol', ({ say }) => say(strangeHello('directory/1', 'peer-aes/1'))],
  ['no rung', 'wrong-protocol', ({ say }) => say(strangeHello('directory/1'))],
  ['another version', 'wrong-version', ({ say }) => say(strangeHello('directory/2', 'peer-basic/1'))],
  ['a registration first', 'wrong-protocol', ({ say }) => say(register('mallory'))],
]

const INSTEAD_OF_A_REGISTRATION: readonly [string, string, (mallory: Stranger) => void][] = [
  ['a second hello', 'unexpected-message', ({ say }) => say(directoryHello)],
  ['a request', 'unexpected-message', ({ say }) => say(jsonMessage(LOOKUP.type, { id: 1, name: 'alice' }))],
  ["a peer's text", 'unknown-type', ({ say }) => say(raw(TEXT.type, 'hello'))],
  ['no JSON', 'bad-message', ({ say }) => say(raw(REGISTER.type, '{"name":'))],
  ['no UTF-8', 'bad-message', ({ say }) => say(raw(REGISTER.type, Buffer.from('{"name":"\xff"}', 'latin1')))],
  ['no name', 'bad-message', ({ say }) => say(raw(REGISTER.type, '{"port":null}'))],
  ['an array', 'bad-message', ({ say }) => say(raw(REGISTER.type, '[]'))],
  ['null', 'bad-message', ({ say }) => say(raw(REGISTER.type, 'null'))],
  ['a name that is a number', 'bad-message', ({ say }) => say(raw(REGISTER.type, '{"name":7,"port":null}'))],
  ['a port of 0', 'bad-message', ({ say }) => say(register('mallory', 0))],
  ['a port of 65536', 'bad-message', ({ say }) => say(register('mallory', 65_536))],
  ['a name of 10,000 letters', 'bad-name', ({ say }) => say(register('m'.repeat(10_000)))],
  ['a registration of 16 KiB and a byte', 'too-large', ({ write }) => write(header(16_386, REGISTER.type))],
]

const AFTER_THE_REGISTRATION: readonly [string, string, (mallory: Stranger) => void][] = [
  ['another registration', 'unexpected-message', ({ say }) => say(register('mallory'))],
  ["the directory's own words", 'unexpected-message', ({ say }) => say(jsonMessage(CARD.type, { id: 1 }))],
  ['a second hello', 'unexpected-message', ({ say }) => say(directoryHello)],
  [
    'a page of 201',
    'bad-message',
    ({ say }) => say(jsonMessage(WHO.type, { id: 1, prefix: '', after: '', limit: 201 })),
  ],
  ['a page of -1', 'bad-message', ({ say }) => say(jsonMessage(WHO.type, { id: 1, prefix: '', after: '', limit: -1 }))],
  ['an id that is no number', 'bad-message', ({ say }) => say(jsonMessage(LOOKUP.type, { id: 'x', name: 'alice' }))],
  ['a name of 16 KiB to watch', 'bad-name', ({ say }) => say(jsonMessage(WATCH.type, { names: ['a'.repeat(16_368)] }))],
  ['257 names to watch', 'bad-message', ({ say }) => say(jsonMessage(WATCH.type, { names: Array(257).fill('alice') }))],
  ['a frame of length 0', 'bad-frame', ({ write }) => write(header(0, LOOKUP.type))],
  ['an unknown type', 'unknown-type', ({ say }) => say(raw(0x99, ''))],
  ['a goodbye with a body', 'too-large', ({ say }) => say(raw(0x03, 'x'))],
]

/** The directory still serves others. */
async function livesOn(directory: Awaited<ReturnType<typeof testDirectory>>): Promise<void> {
  const alice = await online(directory, 'alice')
  expect((await alice.who('')).users).toEqual([{ name: 'alice' }])
}

test.each(BEFORE_THE_HELLO)('%s in place of a hello is %s', async (_, code, attack) => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  await livesOn(directory)
})

test.each(INSTEAD_OF_A_REGISTRATION)('%s in place of a registration is %s', async (_, code, attack) => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  mallory.say(directoryHello)
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  await livesOn(directory)
})

test.each(AFTER_THE_REGISTRATION)('%s after the registration is %s', async (_, code, attack) => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  mallory.say(directoryHello, register('mallory'))
  await mallory.until(REGISTERED.type)
  attack(mallory)
  expect(await mallory.error()).toBe(code)
  expect(await mallory.end()).toBe('goodbye')
  await livesOn(directory)
})

test.each([
  ['the hello', []],
  ['a registration', [directoryHello]],
  ['a request', [directoryHello, register('mallory')]],
])('an ERROR in place of %s is not answered with another one', async (_, said) => {
  const directory = await testDirectory()
  for (const body of ['{"code":"bad-message","message":"what is that?"}', '{}']) {
    const mallory = await stranger(directory)
    mallory.say(...said, raw(ERROR.type, body))
    expect(await mallory.error()).toBeNull()
  }
  await livesOn(directory)
})

test.each([
  ['the hello', [], 5_000],
  ['the registration', [directoryHello], 10_000],
])('silence in place of %s is timeout', async (_, said, deadline) => {
  const directory = await testDirectory()
  const pass = fakeClock()
  const mallory = await stranger(directory)
  mallory.say(...said)
  await mallory.until(said.length === 0 ? HELLO.type : WELCOME.type)
  await pass(deadline - 1)
  await pass(1)
  expect(await mallory.error()).toBe('timeout')
  await livesOn(directory)
})

test.each([
  ['hello', directoryHello, []],
  ['registration', register('mallory'), [directoryHello]],
  ['request', jsonMessage(LOOKUP.type, { id: 1, name: 'alice' }), [directoryHello, register('mallory')]],
])('whoever vanishes in the middle of a %s is gone', async (_, cut, said) => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  mallory.say(...said)
  mallory.write(half(cut))
  mallory.socket.end()
  await mallory.end()
  await livesOn(directory)
})

test.each([
  ['nothing', []],
  ['a hello', [directoryHello]],
  ['a hello and a registration', [directoryHello, register('mallory')]],
])('a client that ends after %s is gone, and hears no error', async (_, said) => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  mallory.say(...said)
  mallory.socket.end()
  expect(await mallory.error().catch(() => null)).toBeNull()
  await livesOn(directory)
})

test('whoever vanishes without a word is gone', async () => {
  const directory = await testDirectory()
  for (let i = 0; i < 20; i++) {
    const mallory = await stranger(directory)
    mallory.socket.resetAndDestroy()
  }
  await livesOn(directory)
})

test('whoever says goodbye and holds the connection open is cut off', async () => {
  const directory = await testDirectory()
  const pass = fakeClock()
  const mallory = await stranger(directory)
  const cut = new Promise(resolve => mallory.socket.once('error', resolve).once('close', resolve))
  mallory.say(directoryHello, register('mallory'), raw(0x03, ''))
  expect(await mallory.end()).toBe('goodbye')
  await pass(2_000)
  mallory.write('still here')
  await pass(0)
  mallory.write('and here')
  await cut
})

test('a flood of frames delays nobody', async () => {
  const directory = await testDirectory()
  const mallory = await stranger(directory)
  mallory.say(directoryHello, register('mallory'))
  await mallory.until(REGISTERED.type)
  const request = encodeFrame(jsonMessage(LOOKUP.type, { id: 1, name: 'alice' }))
  mallory.write(Buffer.concat(Array.from({ length: 20_000 }, () => request)))
  mallory.write(Buffer.concat(Array.from({ length: 100_000 }, () => header(1, 0x04))))
  const alice = await online(directory, 'alice')
  for (let i = 0; i < 20; i++) expect((await alice.who('al')).users).toEqual([{ name: 'alice' }])
  mallory.say(jsonMessage(WHO.type, { id: 2, prefix: '', after: '', limit: 1 }))
  await mallory.until(USERS.type)
})
