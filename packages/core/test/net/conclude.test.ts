import { afterEach, expect, test, vi } from 'vitest'
import { reportDefectsTo } from '../../src/contain.ts'
import { ChatError } from '../../src/errors.ts'
import { CONCLUDE_DEADLINE, conclude, dismiss } from '../../src/net/conclude.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { errorMessage, readError } from '../../src/wire/error-message.ts'
import type { Message } from '../../src/wire/frame.ts'
import { withGoodbye } from '../../src/wire/goodbye.ts'
import { conversationLimits } from '../support/ends.ts'
import { loopback } from '../support/loopback.ts'
import { memoryWire } from '../support/wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR, GOODBYE } from '../../src/wire/common-messages.ts'

const text: Message = { type: TEXT.type, body: Buffer.from('hello') }
const refused = new ChatError('name-taken', 'alice is here already')
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })

afterEach(() => {
  vi.useRealTimers()
})

function sides() {
  const wire = memoryWire()
  return {
    wire,
    alice: withGoodbye(socketChannel(wire.alice, conversationLimits)),
    rawBob: socketChannel(wire.bob, conversationLimits),
  }
}

test('says what was wrong, says goodbye and waits for the other side, whatever that still sends', async () => {
  const { wire, alice, rawBob } = sides()
  let over = false
  const concluded = conclude(alice, refused).then(() => (over = true))
  const received = [await rawBob.receive(), await rawBob.receive(), await rawBob.receive()]
  expect(received.map(message => message?.type)).toEqual([ERROR.type, GOODBYE.type, undefined])
  await rawBob.send(text)
  expect(over).toBe(false)
  await rawBob.send({ type: GOODBYE.type, body: new Uint8Array() })
  await rawBob.close()
  await concluded
  expect(wire.alice.destroyed).toBe(true)
})

test.each([
  ['concluded', conclude],
  ['dismissed', dismiss],
])('what the other side has reported is not told to it when it is %s, and its end is awaited', async (_, part) => {
  const { wire, alice, rawBob } = sides()
  const { error } = readError(errorMessage(new ChatError('timeout', 'you were too slow')).body)
  const parted = part(alice, error)
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  expect(await rawBob.receive()).toBeNull()
  expect(wire.alice.destroyed).toBe(false)
  await rawBob.close()
  await parted
})

test('without an error it is only a goodbye', async () => {
  const { alice, rawBob } = sides()
  const concluded = conclude(alice, null)
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  await rawBob.send({ type: GOODBYE.type, body: new Uint8Array() })
  await concluded
})

test.each([
  ['conclude', conclude],
  ['dismiss', dismiss],
])('%s: a side that has left is not told that it has', async (_, end) => {
  const { alice, rawBob } = sides()
  void end(alice, new ChatError('cut', 'gone'))
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  expect(await rawBob.receive()).toBeNull()
  await rawBob.close()
})

test('who said goodbye before still waits for the other side', async () => {
  const { wire, alice, rawBob } = sides()
  await alice.close()
  const concluded = conclude(alice, refused)
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  await rawBob.send({ type: GOODBYE.type, body: new Uint8Array() })
  await concluded
  expect(wire.alice.destroyed).toBe(true)
})

test('a side that does not end is ended', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { wire, alice } = sides()
  const concluded = conclude(alice, refused)
  await vi.advanceTimersByTimeAsync(CONCLUDE_DEADLINE - 1)
  expect(wire.alice.destroyed).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await concluded
  expect(wire.alice.destroyed).toBe(true)
})

test('a side that does not even read is ended as well', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { wire, alice } = sides()
  wire.toBob.hold()
  for (let i = 0; i < 100; i++) void alice.send({ type: TEXT.type, body: new Uint8Array(10_000) })
  const concluded = conclude(alice, refused)
  await vi.advanceTimersByTimeAsync(CONCLUDE_DEADLINE)
  await concluded
  expect(wire.alice.destroyed).toBe(true)
})

test('a channel that failed has nobody left to tell', async () => {
  const { alice } = sides()
  alice.abort(new ChatError('cut', 'gone'))
  await conclude(alice, refused)
})

test('a side that broke the rules learns it over TCP, though it never stops sending', async () => {
  const { alice, bob: mallory } = await loopback()
  const channel = socketChannel(alice, conversationLimits)
  const said: Buffer[] = []
  const heard = new Promise(resolve => mallory.on('data', (chunk: Buffer) => said.push(chunk)).on('end', resolve))
  const flood = () => void (mallory.writable && mallory.write(Buffer.alloc(65_536, 'more'), flood))
  flood()
  const error: unknown = await channel.receive().catch((e: unknown) => e)
  expect(error).toEqual(hasCode('unknown-type'))
  if (error instanceof ChatError) await conclude(channel, error)
  await heard
  mallory.destroy()
  expect(Buffer.concat(said).toString('latin1')).toContain('"code":"unknown-type"')
})

test('a flood that comes too late is thrown away bit by bit', async () => {
  let received = 0
  const flood: Channel = {
    send: () => Promise.resolve(),
    poll: () => undefined,
    receive: async () => (++received < 10_000 ? text : null),
    close: () => Promise.resolve(),
    abort: () => undefined,
  }
  const concluded = conclude(flood, null)
  await new Promise(resolve => setImmediate(resolve))
  expect(received).toBeLessThan(100)
  await concluded
  expect(received).toBe(10_000)
})

test('two who receive at once are a defect, which ends this channel alone and is reported', async () => {
  const defects: ChatError[] = []
  reportDefectsTo(error => defects.push(error))
  const { alice } = sides()
  const waiting = expect(alice.receive()).rejects.toEqual(hasCode('internal'))
  await conclude(alice, null)
  await waiting
  expect(defects).toMatchObject([{ code: 'internal', cause: expect.any(TypeError) }])
})

test('whoever is dismissed hears why, and may end in peace', async () => {
  const { wire, alice, rawBob } = sides()
  const received = alice.receive()
  void dismiss(alice, refused)
  expect((await rawBob.receive())?.type).toBe(ERROR.type)
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  await rawBob.send({ type: GOODBYE.type, body: new Uint8Array() })
  expect(await received).toBeNull()
  expect(wire.alice.destroyed).toBe(true)
})

test('whoever is dismissed and goes on sending is cut off all the same', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { wire, alice, rawBob } = sides()
  void dismiss(alice, refused)
  for (let step = 0; step < 10; step++) {
    expect(wire.alice.destroyed).toBe(false)
    void rawBob.send(text).catch(() => undefined)
    expect(await alice.receive()).toMatchObject({ type: TEXT.type })
    await vi.advanceTimersByTimeAsync(CONCLUDE_DEADLINE / 10)
  }
  expect(wire.alice.destroyed).toBe(true)
  await expect(alice.receive()).rejects.toBe(refused)
})

test('whoever is left without a word that never ends is cut off as well', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { wire, alice, rawBob } = sides()
  await dismiss(alice, null)
  expect((await rawBob.receive())?.type).toBe(GOODBYE.type)
  await vi.advanceTimersByTimeAsync(CONCLUDE_DEADLINE)
  expect(wire.alice.destroyed).toBe(true)
  await dismiss(alice, refused)
})

test('whoever is dismissed and does not read is cut off', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { wire, alice } = sides()
  wire.toBob.hold()
  for (let i = 0; i < 100; i++)
    void alice.send({ type: TEXT.type, body: new Uint8Array(10_000) }).catch(() => undefined)
  void dismiss(alice, refused)
  await vi.advanceTimersByTimeAsync(CONCLUDE_DEADLINE)
  expect(wire.alice.destroyed).toBe(true)
})
