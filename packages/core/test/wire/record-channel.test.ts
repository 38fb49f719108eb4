import { describe, expect, test } from 'vitest'
import { deferred } from '../../src/deferred.ts'
import { ChatError } from '../../src/errors.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { encodeFrame, HEADER_BYTES, type Message } from '../../src/wire/frame.ts'
import { withGoodbye } from '../../src/wire/goodbye.ts'
import { recordChannel, type RecordProtection } from '../../src/wire/record-channel.ts'
import { channelPair } from '../support/channel-pair.ts'
import { channelSuite } from '../support/channel-suite.ts'
import { conversationLimits, TEXT_BODY_LIMIT } from '../support/ends.ts'
import { memoryWire, standstill } from '../support/wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { KEEPALIVE, RECORD } from '../../src/wire/common-messages.ts'

const CAPACITY = TEXT_BODY_LIMIT + 100

interface TrivialProtection extends RecordProtection {
  readonly wiped: boolean
}

/** Protects nothing: every record starts with the letter R, and that is all. */
function trivial(fuse = Number.POSITIVE_INFINITY): TrivialProtection {
  let left = fuse
  let wiped = false
  return {
    capacity: CAPACITY,
    seal(batch) {
      if (wiped) throw new TypeError('sealed with wiped keys')
      if (left-- === 0) throw new ChatError('session-limit', 'enough')
      return Buffer.concat([Buffer.from('R'), batch])
    },
    open(body) {
      if (wiped) throw new TypeError('opened with wiped keys')
      if (body[0] !== 0x52) throw new ChatError('bad-record', 'a record was rejected')
      return body.slice(1)
    },
    wipe() {
      wiped = true
    },
    get wiped() {
      return wiped
    },
  }
}

const text = (body: string | Uint8Array): Message => ({ type: TEXT.type, body: Buffer.from(body) })
const words = (message: Message | null) => (message === null ? null : Buffer.from(message.body).toString())
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })
const record = (...parts: (string | Uint8Array)[]): Message => ({
  type: RECORD.type,
  body: Buffer.concat(parts.map(part => Buffer.from(part))),
})

function pair(protection = trivial()): {
  alice: Channel
  rawAlice: Channel
  rawBob: Channel
  protection: TrivialProtection
} {
  const [rawAlice, rawBob] = channelPair()
  return { alice: recordChannel(rawAlice, protection, conversationLimits), rawAlice, rawBob, protection }
}

describe('sending', () => {
  test('what is sent in one turn travels in one record', async () => {
    const { alice, rawBob } = pair()
    const all = ['one', 'two', 'three'].map(text)
    await Promise.all(all.map(message => alice.send(message)))
    await alice.close()
    expect(await rawBob.receive()).toEqual({
      type: RECORD.type,
      body: new Uint8Array(record('R', ...all.map(encodeFrame)).body),
    })
    expect(await rawBob.receive()).toBeNull()
  })

  test('turns that follow each other make a record each', async () => {
    const { alice, rawBob } = pair()
    for (const word of ['one', 'two']) {
      await alice.send(text(word))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect((await rawBob.receive())?.body).toHaveLength(1 + HEADER_BYTES + 3)
    expect((await rawBob.receive())?.body).toHaveLength(1 + HEADER_BYTES + 3)
  })

  test('records are filled to the last byte and no further', async () => {
    const { alice, rawBob } = pair()
    const largest = text(new Uint8Array(TEXT_BODY_LIMIT))
    const filler = text(new Uint8Array(CAPACITY - 2 * HEADER_BYTES - TEXT_BODY_LIMIT))
    for (const message of [largest, filler, text(''), largest, largest]) void alice.send(message)
    await alice.close()
    const sizes = []
    for (let m = await rawBob.receive(); m !== null; m = await rawBob.receive()) sizes.push(m.body.length - 1)
    const [one, empty] = [HEADER_BYTES + TEXT_BODY_LIMIT, HEADER_BYTES]
    expect(sizes).toEqual([CAPACITY, empty + one, one])
  })

  test('what can not be sealed ends the channel, also for who waits to receive', async () => {
    const { alice, protection, rawBob } = pair(trivial(1))
    const waiting = alice.receive()
    await alice.send(text('one'))
    await new Promise(resolve => setImmediate(resolve))
    void alice.send(text('two'))
    const error: unknown = await waiting.catch((e: unknown) => e)
    expect(error).toEqual(hasCode('session-limit'))
    await expect(alice.send(text('three'))).rejects.toBe(error)
    expect(protection.wiped).toBe(true)
    expect((await rawBob.receive())?.type).toBe(RECORD.type)
    await expect(rawBob.receive()).rejects.toEqual(hasCode('cut'))
  })

  test('when the connection breaks, every record that waits for room fails quietly, and close() with it', async () => {
    const wire = memoryWire()
    const alice = recordChannel(
      socketChannel(wire.alice, new Map([[RECORD.type, CAPACITY + 1]])),
      trivial(),
      conversationLimits,
    )
    wire.toBob.hold()
    for (let i = 0; i < 60; i++) void alice.send(text(new Uint8Array(TEXT_BODY_LIMIT)))
    await standstill(() => wire.toBob.writes.length)
    const closing = alice.close()
    wire.cut()
    await expect(alice.receive()).rejects.toEqual(hasCode('cut'))
    await expect(closing).rejects.toEqual(hasCode('cut'))
  })

  test('limits beyond what a record carries are a programming mistake', () => {
    const [raw] = channelPair()
    const limit = CAPACITY - HEADER_BYTES
    expect(() => recordChannel(raw, trivial(), new Map([[TEXT.type, limit]]))).not.toThrow()
    expect(() => recordChannel(raw, trivial(), new Map([[TEXT.type, limit + 1]]))).toThrow(RangeError)
  })
})

describe('receiving', () => {
  test('the messages of a record come one by one', async () => {
    const { alice, rawBob } = pair()
    await rawBob.send(record('R', encodeFrame(text('one')), encodeFrame(text('two'))))
    expect(words(await alice.receive())).toBe('one')
    expect(words(await alice.receive())).toBe('two')
  })

  const one = encodeFrame(text('one'))
  test.each<[string, Message]>([
    ['a frame that is no record', text('hello')],
    ['a keepalive outside a record', { type: KEEPALIVE.type, body: new Uint8Array() }],
    ['a record that does not open', record('X', one)],
    ['an empty record', record('R')],
    ['a record that ends inside a frame', record('R', one, '\0\0')],
    ['a record inside a record', record('R', one, encodeFrame(record('R')))],
    ['a frame of length 0 in a record', record('R', one, '\0\0\0\0')],
    ['a frame that is too large in a record', record('R', one, Buffer.from('ffffffff53', 'hex'))],
  ])('%s is bad-record, nothing of it is received, and that sticks', async (_, message) => {
    const { alice, rawBob, protection } = pair()
    await rawBob.send(record('R', one))
    await rawBob.send(message)
    await rawBob.send(record('R', one))
    expect(words(await alice.receive())).toBe('one')
    const error: unknown = await alice.receive().catch((e: unknown) => e)
    expect(error).toEqual(hasCode('bad-record'))
    await expect(alice.receive()).rejects.toBe(error)
    expect(alice.poll()).toBeUndefined()
    await expect(alice.send(text('hello'))).rejects.toBe(error)
    await expect(rawBob.receive(), 'nothing is told').rejects.toEqual(hasCode('cut'))
    expect(protection.wiped).toBe(true)
  })

  test('the end of the stream below is passed on', async () => {
    const { alice, rawBob } = pair()
    await rawBob.close()
    expect(await alice.receive()).toBeNull()
  })
})

test('abort() wipes the keys, and what was taken for sending does not leave any more', async () => {
  const [rawAlice, rawBob] = channelPair()
  const { promise: full, reject } = deferred()
  let sealed = 0
  const raw: Channel = {
    ...rawAlice,
    send() {
      sealed += 1
      return full
    },
    abort(error) {
      reject(error)
      rawAlice.abort(error)
    },
  }
  const protection = trivial()
  const alice = recordChannel(raw, protection, conversationLimits)
  const page = text(new Uint8Array(TEXT_BODY_LIMIT))
  const sends = Array.from({ length: 20 }, () => alice.send(page))
  const before = sealed
  const error = new ChatError('closed', 'enough')
  alice.abort(error)
  await sends[0]
  await expect(sends.at(-1), 'who is held back').rejects.toBe(error)
  expect(sealed).toBe(before)
  expect(protection.wiped).toBe(true)
  await expect(alice.receive()).rejects.toBe(error)
  await expect(rawBob.receive()).rejects.toEqual(hasCode('cut'))
})

test('with a goodbye on top, the keys are wiped after both goodbyes', async () => {
  const [rawAlice, rawBob] = channelPair()
  const protections = [trivial(), trivial()] as const
  const alice = withGoodbye(recordChannel(rawAlice, protections[0], conversationLimits))
  const bob = withGoodbye(recordChannel(rawBob, protections[1], conversationLimits))
  await alice.close()
  expect(await bob.receive()).toBeNull()
  await bob.close()
  expect(await alice.receive()).toBeNull()
  expect(protections.map(protection => protection.wiped)).toEqual([true, true])
})

const protectedEnd = (socket: Parameters<typeof socketChannel>[0]) => {
  const raw = socketChannel(socket, new Map([[RECORD.type, CAPACITY + 1]]))
  return Promise.resolve(withGoodbye(recordChannel(raw, trivial(), conversationLimits)))
}

channelSuite('records', ({ alice, bob }) => ({ alice: protectedEnd(alice), bob: protectedEnd(bob) }), {
  integrity: false,
})
