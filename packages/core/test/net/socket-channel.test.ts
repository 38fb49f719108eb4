import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { afterEach, expect, test, vi } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { errorMessage, readError } from '../../src/wire/error-message.ts'
import { encodeFrame, type Message } from '../../src/wire/frame.ts'
import { conversationLimits, TEXT_BODY_LIMIT } from '../support/ends.ts'
import { loopback } from '../support/loopback.ts'
import { memoryWire, standstill } from '../support/wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { ERROR, KEEPALIVE } from '../../src/wire/common-messages.ts'

const text = (body: string | Uint8Array): Message => ({ type: TEXT.type, body: Buffer.from(body) })
const words = (message: Message | null) => (message === null ? null : Buffer.from(message.body).toString())
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })
const open = (socket: Parameters<typeof socketChannel>[0]): Channel => socketChannel(socket, conversationLimits)

afterEach(() => {
  vi.useRealTimers()
})

/** One of ours, and the bare stream of whoever is at the other end. */
function againstMallory() {
  const wire = memoryWire()
  return { channel: open(wire.alice), ours: wire.alice, mallory: wire.bob, wire }
}

test('carries messages over TCP, both ways, to an orderly end', async () => {
  const { alice, bob } = await loopback()
  const [ours, theirs] = [open(alice), open(bob)]
  await Promise.all([ours.send(text('hello bob')), theirs.send(text('hello alice'))])
  expect(words(await ours.receive())).toBe('hello alice')
  expect(words(await theirs.receive())).toBe('hello bob')
  await ours.close()
  expect(await theirs.receive()).toBeNull()
  await theirs.send(text('still here'))
  expect(words(await ours.receive())).toBe('still here')
  const gone = Promise.all([once(alice, 'close'), once(bob, 'close')])
  await theirs.close()
  expect(await ours.receive()).toBeNull()
  await gone
  await expect(ours.send(text('too late'))).rejects.toEqual(hasCode('closed'))
})

test('what is sent in one turn, and before close(), leaves in one write', async () => {
  const { channel, wire } = againstMallory()
  const all = ['one', 'two', 'three'].map(text)
  for (const message of all) void channel.send(message)
  await channel.close()
  expect(wire.toBob.writes).toEqual([Buffer.concat(all.map(encodeFrame))])
})

test('turns that follow each other make a write each', async () => {
  const { channel, wire } = againstMallory()
  for (const word of ['one', 'two', 'three']) {
    await channel.send(text(word))
    await new Promise(resolve => setImmediate(resolve))
  }
  expect(wire.toBob.writes).toHaveLength(3)
})

test.each([
  ['too-large', 'ffffffff53'],
  ['too-large', '000000030300'],
  ['unknown-type', '0000000199'],
  ['bad-frame', '0000000053'],
])('%s fails receive() after the messages before it, and why still reaches the other side', async (code, fault) => {
  const { alice, bob: mallory } = await loopback()
  const channel = open(alice)
  const reply = (async () => {
    const chunks: Buffer[] = []
    for await (const chunk of mallory) chunks.push(chunk)
    return Buffer.concat(chunks)
  })()
  mallory.write(Buffer.concat([encodeFrame(text('fine')), Buffer.from(fault, 'hex')]))
  mallory.write(Buffer.alloc(2 ** 20, 'more and more'))

  expect(words(await channel.receive())).toBe('fine')
  const error: unknown = await channel.receive().catch((e: unknown) => e)
  expect(error).toEqual(hasCode(code))
  await expect(channel.receive()).rejects.toBe(error)
  if (error instanceof ChatError) await channel.send(errorMessage(error))
  await channel.close()

  const said = await reply
  expect(said.readUInt8(4)).toBe(ERROR.type)
  expect(readError(said.subarray(5)).error).toEqual(hasCode(code))
})

test.each(['before', 'after'])('a side that broke the rules %s we were done is not waited for long', async when => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const { channel, ours, mallory } = againstMallory()
  if (when === 'after') await channel.close()
  mallory.write(Buffer.from('ffffffff53', 'hex'))
  await expect(channel.receive()).rejects.toEqual(hasCode('too-large'))
  await channel.close()
  await vi.advanceTimersByTimeAsync(1_900)
  expect(ours.destroyed).toBe(false)
  mallory.write('and so on')
  await vi.advanceTimersByTimeAsync(200)
  expect(ours.destroyed).toBe(true)
  await expect(channel.receive()).rejects.toEqual(hasCode('too-large'))
})

test('a side that is within the rules may take its time after we are done', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const { channel, mallory } = againstMallory()
  await channel.close()
  await vi.advanceTimersByTimeAsync(3_600_000)
  mallory.end(encodeFrame(text('sorry, I am late')))
  expect(words(await channel.receive())).toBe('sorry, I am late')
  expect(await channel.receive()).toBeNull()
})

test('who does not receive stops reading: the rest waits with its sender', async () => {
  const { alice, bob: mallory } = await loopback()
  const channel = open(alice)
  const page = encodeFrame(text(new Uint8Array(TEXT_BODY_LIMIT)))
  const total = 2_000
  for (let i = 0; i < total; i++) mallory.write(page)
  mallory.end()
  await standstill(() => alice.bytesRead)
  expect(alice.bytesRead).toBeLessThan(2 ** 18)

  let received = 0
  while ((await channel.receive()) !== null) received += 1
  expect(received).toBe(total)
  expect(alice.bytesRead).toBe(total * page.length)
})

test('a flood of empty messages is held back as well', async () => {
  const { channel, mallory, wire } = againstMallory()
  const keepalives = Buffer.from('0000000104'.repeat(2_000), 'hex')
  let delivered = 0
  wire.toAlice.chunk = 100
  for (let i = 0; i < 20; i++) mallory.write(keepalives, () => (delivered += 1))
  await standstill(() => delivered)
  expect(delivered * keepalives.length).toBeLessThan(2 ** 17)
  let received = 0
  for (; received < 20 * 2_000; received++) if ((await channel.receive())?.type !== KEEPALIVE.type) break
  expect(received).toBe(20 * 2_000)
})

test('bytes that come one by one, unasked for, are held back long before they fill the memory', async () => {
  const { alice: mallory, bob } = await loopback()
  open(bob)
  for (let sent = 0; sent < 2_000; sent++) {
    await new Promise(resolve => mallory.write('x', resolve))
    await new Promise(resolve => setImmediate(resolve))
  }
  await standstill(() => bob.bytesRead)
  // A byte that comes alone takes hundreds of them.
  expect(bob.bytesRead).toBeLessThan(200)
})

test('a side that broke the rules and floods leaves room for everything else', async () => {
  const { alice, bob: mallory } = await loopback()
  const channel = open(alice)
  mallory.write(Buffer.from('ffffffff53', 'hex'))
  await expect(channel.receive()).rejects.toEqual(hasCode('too-large'))
  const flood = () => void (mallory.writable && mallory.write(Buffer.alloc(2 ** 20), flood))
  flood()
  let chunks = 0
  let most = 0
  alice.on('data', () => {
    chunks += 1
    most = Math.max(most, chunks)
  })
  for (let turn = 0; turn < 200; turn++) {
    await new Promise(resolve => setImmediate(resolve))
    chunks = 0
  }
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(5)
  mallory.destroy()
})

test.each(['00', '00000005', '0000000553', '000000055361'])(
  'an end behind %s is cut, in both directions',
  async part => {
    const { channel, ours, mallory } = againstMallory()
    mallory.end(Buffer.from(part, 'hex'))
    const error: unknown = await channel.receive().catch((e: unknown) => e)
    expect(error).toEqual(hasCode('cut'))
    await expect(channel.send(text('anybody?'))).rejects.toBe(error)
    expect(ours.destroyed).toBe(true)
  },
)

test('a connection that is reset is cut, with the cause', async () => {
  const { alice, bob } = await loopback()
  const channel = open(alice)
  const waiting = channel.receive()
  bob.resetAndDestroy()
  const error: unknown = await waiting.catch((e: unknown) => e)
  expect(error).toEqual(hasCode('cut'))
  expect(error).toHaveProperty('cause.code', 'ECONNRESET')
  await expect(channel.send(text('anybody?'))).rejects.toBe(error)
  await expect(channel.close()).rejects.toBe(error)
})

test('a socket that is gone already is cut, not waited for', async () => {
  const socket = new PassThrough()
  socket.destroy()
  await once(socket, 'close')
  const channel = open(socket)
  await expect(channel.receive()).rejects.toEqual(hasCode('cut'))
  await expect(channel.send(text('anybody?'))).rejects.toEqual(hasCode('cut'))
})

test('abort() drops what waits, ends the socket and frees everybody who waits', async () => {
  const { channel, ours, mallory, wire } = againstMallory()
  wire.toBob.hold()
  mallory.write(encodeFrame(text('never to be read')))
  const page = text(new Uint8Array(TEXT_BODY_LIMIT))
  let sending = channel.send(page)
  for (let i = 0; i < 20; i++) sending = channel.send(page)
  const closing = channel.close()
  const error = new ChatError('timeout', 'enough')
  channel.abort(error)
  await expect(sending).rejects.toBe(error)
  await expect(closing).rejects.toBe(error)
  await expect(channel.receive()).rejects.toBe(error)
  expect(ours.destroyed).toBe(true)
})

test('abort() after the other side has ended in order is a failure all the same', async () => {
  const { channel, mallory } = againstMallory()
  mallory.end()
  expect(await channel.receive()).toBeNull()
  const error = new ChatError('cut', 'no goodbye')
  channel.abort(error)
  await expect(channel.receive()).rejects.toBe(error)
})

test('who is held back when we close is let go once everything is out', async () => {
  const { channel, wire, mallory } = againstMallory()
  wire.toBob.hold()
  mallory.resume()
  const page = text(new Uint8Array(TEXT_BODY_LIMIT))
  const sends = Array.from({ length: 40 }, () => channel.send(page))
  const closing = channel.close()
  wire.toBob.release()
  await Promise.all([...sends, closing])
})
