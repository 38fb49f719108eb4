import { describe, expect, onTestFinished, test } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { withDeadline } from '../../src/net/deadline.ts'
import type { Channel } from '../../src/wire/channel.ts'
import type { Message } from '../../src/wire/frame.ts'
import { type Ends, TEXT_BODY_LIMIT } from './ends.ts'
import { type Line, memoryWire, standstill, type Wire } from './wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'

/** What a channel promises beyond the common ground. */
export interface Promised {
  /** Nobody on the path can change, repeat, remove, reflect or cut anything without an error. */
  readonly integrity: boolean
}

/** How one side of a conversation came out: what it received, and null after a goodbye or else the error. */
interface Outcome {
  readonly received: readonly string[]
  readonly end: unknown
}

const text = (body: string | Uint8Array): Message => ({ type: TEXT.type, body: Buffer.from(body) })
const words = (message: Message | null) => (message === null ? null : Buffer.from(message.body).toString())
const turn = () => new Promise(resolve => setImmediate(resolve))
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })

const FROM_ALICE = ['hello bob', 'how are you', 'bye']
const FROM_BOB = ['hello alice', 'well', 'bye bye']

/** How long a conversation on a damaged wire may take before the cable is cut, in milliseconds. */
const PATIENCE = 100

/** About so many places on the way are damaged, one in each conversation. */
const PLACES = 60

/** Speaks and then listens to the end, one write for each text. */
async function converse(end: Promise<Channel>, say: readonly string[]): Promise<Outcome> {
  const received: string[] = []
  try {
    const channel = await end
    for (const line of say) {
      await channel.send(text(line))
      await turn()
    }
    await channel.close()
    for (let message = await channel.receive(); message !== null; message = await channel.receive()) {
      received.push(`${words(message)}`)
    }
    return { received, end: null }
  } catch (error) {
    return { received, end: error }
  }
}

const EMPTY = Buffer.alloc(0)

/** Things to do to one write; `before` and `own` are what was written before it, in this and the other direction. */
const damages: Record<string, (write: Buffer, before: readonly Buffer[], own: readonly Buffer[]) => Buffer> = {
  removed: () => EMPTY,
  'sent twice': write => Buffer.concat([write, write]),
  'replaced by the one before it': (_, before) => before.at(-2) ?? EMPTY,
  'preceded by garbage': write => Buffer.concat([Buffer.from('GET / HTTP/1.1\r\n\r\n'), write]),
  'preceded by a claim of 4 GiB': write => Buffer.concat([Buffer.from('ffffffff53', 'hex'), write]),
  'preceded by zeros': write => Buffer.concat([Buffer.alloc(16), write]),
  'replaced by what its receiver sent': (_, __, own) => own.at(-1) ?? EMPTY,
  'cut short': write => write.subarray(0, write.length / 2),
}

/**
 * What every Channel must do, and every Upgrade the channel it makes.
 *
 * @param connect makes two finished channels of the two sides of a wire; they say goodbye when they close
 */
export function channelSuite(name: string, connect: (wire: Wire) => Ends, { integrity }: Promised): void {
  async function connected(): Promise<{ wire: Wire; alice: Channel; bob: Channel }> {
    const wire = memoryWire()
    onTestFinished(() => wire.cut())
    const ends = connect(wire)
    const [alice, bob] = await Promise.all([ends.alice, ends.bob])
    return { wire, alice, bob }
  }

  /** A whole conversation from the first byte. On a damaged wire it may wait for bytes that never come: it is cut. */
  async function conversation(
    prepare: (wire: Wire) => void,
    patience: number | null = PATIENCE,
  ): Promise<{ wire: Wire; alice: Outcome; bob: Outcome }> {
    const wire = memoryWire()
    prepare(wire)
    const ends = connect(wire)
    const impatience = patience === null ? undefined : setTimeout(() => wire.cut(), patience)
    const [alice, bob] = await Promise.all([converse(ends.alice, FROM_ALICE), converse(ends.bob, FROM_BOB)])
    clearTimeout(impatience)
    wire.cut()
    return { wire, alice, bob }
  }

  /** Nobody was told anything wrong, and who was told less than all knows it. */
  function expectHonest(what: string, { alice, bob }: { alice: Outcome; bob: Outcome }): void {
    for (const [outcome, said] of [
      [alice, FROM_BOB],
      [bob, FROM_ALICE],
    ] as const) {
      if (outcome.end !== null) expect(outcome.end, what).toBeInstanceOf(ChatError)
      if (!integrity) continue
      expect(outcome.received, what).toEqual(said.slice(0, outcome.received.length))
      if (outcome.end === null) expect(outcome.received, what).toEqual(said)
    }
  }

  describe(name, () => {
    test('carries 10,000 messages both ways in order', async () => {
      const { alice, bob } = await connected()
      async function sendAll(channel: Channel, who: string): Promise<void> {
        for (let i = 0; i < 10_000; i++) await channel.send(text(`${who} ${i}`))
        await channel.close()
      }
      async function receiveAll(channel: Channel): Promise<(string | null)[]> {
        const received = []
        for (let m = await channel.receive(); m !== null; m = await channel.receive()) received.push(words(m))
        return received
      }
      let polled = 0
      async function pollAll(channel: Channel): Promise<(string | null)[]> {
        const received = []
        for (;;) {
          for (let m = channel.poll(); m !== undefined; m = channel.poll(), polled++) received.push(words(m))
          const m = await channel.receive()
          if (m === null) return received
          received.push(words(m))
        }
      }
      const [, , fromBob, fromAlice] = await Promise.all([
        sendAll(alice, 'alice'),
        sendAll(bob, 'bob'),
        receiveAll(alice),
        pollAll(bob),
      ])
      expect(fromAlice).toEqual(Array.from({ length: 10_000 }, (_, i) => `alice ${i}`))
      expect(fromBob).toEqual(Array.from({ length: 10_000 }, (_, i) => `bob ${i}`))
      expect(polled, 'without a promise').toBeGreaterThan(1_000)
      expect(bob.poll(), 'after the end').toBeUndefined()
    })

    test('a whole conversation arrives in chunks of one byte', async () => {
      const { alice, bob } = await conversation(wire => {
        wire.toBob.chunk = 1
        wire.toAlice.chunk = 1
      }, null)
      expect({ alice, bob }).toEqual({
        alice: { received: FROM_BOB, end: null },
        bob: { received: FROM_ALICE, end: null },
      })
    })

    test('carries the largest message and refuses one byte more, which harms nothing', async () => {
      const { alice, bob } = await connected()
      const largest = new Uint8Array(TEXT_BODY_LIMIT).fill(0x78)
      await alice.send(text(largest))
      expect(() => alice.send(text(new Uint8Array(TEXT_BODY_LIMIT + 1)))).toThrow(RangeError)
      expect(() => alice.send({ type: 0xff, body: EMPTY })).toThrow(RangeError)
      await alice.send(text(''))
      expect(Buffer.from((await bob.receive())?.body ?? []).equals(largest)).toBe(true)
      expect(words(await bob.receive())).toBe('')
    })

    test('bytes that arrive before anybody asks for them wait', async () => {
      const wire = memoryWire()
      const ends = connect(wire)
      async function speakAtOnce(end: Promise<Channel>): Promise<Channel> {
        const channel = await end
        await channel.send(text('first'))
        await turn()
        await channel.send(text('second'))
        await channel.close()
        return channel
      }
      const channels = await Promise.all([speakAtOnce(ends.alice), speakAtOnce(ends.bob)])
      await turn()
      for (const channel of channels) {
        expect(words(await channel.receive())).toBe('first')
        expect(words(await channel.receive())).toBe('second')
        expect(await channel.receive()).toBeNull()
        expect(await channel.receive()).toBeNull()
      }
    })

    test('everything sent in one turn leaves in one write', async () => {
      const { wire, alice, bob } = await connected()
      await standstill(() => wire.toBob.writes.length)
      const before = wire.toBob.writes.length
      for (let i = 0; i < 100; i++) void alice.send(text(`${i}`))
      for (let i = 0; i < 100; i++) expect(words(await bob.receive())).toBe(`${i}`)
      expect(wire.toBob.writes.length - before).toBe(1)
    })

    test('each side ends its own direction', async () => {
      const { wire, alice, bob } = await connected()
      await alice.close()
      expect(await bob.receive()).toBeNull()
      await bob.send(text('one thing more'))
      expect(words(await alice.receive())).toBe('one thing more')
      await bob.close()
      expect(await alice.receive()).toBeNull()
      await alice.close()
      await standstill(() => Number(wire.alice.closed) + Number(wire.bob.closed))
      expect([wire.alice.closed, wire.bob.closed], 'nothing of the connection is left').toEqual([true, true])
    })

    test('a side that says goodbye and keeps its stream open does not keep ours', async () => {
      const { wire, alice, bob } = await connected()
      await bob.close()
      wire.toAlice.hold()
      await alice.close()
      wire.toAlice.path = () => EMPTY
      wire.toAlice.release()
      expect(await alice.receive()).toBeNull()
      await standstill(() => Number(wire.alice.closed))
      expect(wire.alice.closed).toBe(true)
    })

    test('after close() nothing can be sent', async () => {
      const { alice, bob } = await connected()
      const closing = alice.close()
      await expect(alice.send(text('too late'))).rejects.toEqual(hasCode('closed'))
      await closing
      await alice.close()
      await expect(alice.send(text('too late'))).rejects.toEqual(hasCode('closed'))
      expect(await bob.receive()).toBeNull()
    })

    test.each<[string, (wire: Wire) => void]>([
      ['breaks', wire => wire.cut()],
      [
        'is ended by somebody on the path',
        wire => {
          wire.toAlice.end()
          wire.toBob.end()
        },
      ],
      [
        'ends in the middle of a message',
        wire => {
          const half = Buffer.alloc(3)
          wire.toAlice.inject(half)
          wire.toBob.inject(half)
          wire.toAlice.end()
          wire.toBob.end()
        },
      ],
    ])('a connection that %s is cut, never a goodbye', async (_, harm) => {
      const { wire, alice, bob } = await connected()
      const waiting = Promise.allSettled([alice.receive(), bob.receive()])
      harm(wire)
      expect(await waiting).toEqual([
        { status: 'rejected', reason: hasCode('cut') },
        { status: 'rejected', reason: hasCode('cut') },
      ])
      await expect(alice.send(text('anybody there?'))).rejects.toEqual(hasCode('cut'))
    })

    test('what arrived before the cut can still be received', async () => {
      const { wire, alice, bob } = await connected()
      await alice.send(text('last words'))
      await standstill(() => wire.toBob.writes.length)
      wire.cut()
      expect(words(await bob.receive())).toBe('last words')
      await expect(bob.receive()).rejects.toEqual(hasCode('cut'))
    })

    test('failure sticks: every use fails with the same error from then on', async () => {
      const { alice, bob } = await connected()
      const error = new ChatError('timeout', 'enough')
      const waiting = alice.receive()
      alice.abort(error)
      alice.abort(new ChatError('closed', 'another reason'))
      await expect(waiting).rejects.toBe(error)
      await expect(alice.receive()).rejects.toBe(error)
      await expect(alice.send(text('still there?'))).rejects.toBe(error)
      await expect(alice.receive()).rejects.toBe(error)
      await expect(bob.receive()).rejects.toEqual(hasCode('cut'))
    })

    test('a deadline ends a wait on a silent connection', async () => {
      const { wire, alice, bob } = await connected()
      wire.toAlice.hold()
      await bob.send(text('never arrives'))
      const waiting = alice.receive()
      const error: unknown = await withDeadline(waiting, 10, 'an answer').catch((e: unknown) => e)
      expect(error).toEqual(hasCode('timeout'))
      if (error instanceof ChatError) alice.abort(error)
      await expect(waiting).rejects.toBe(error)
      await expect(alice.receive()).rejects.toBe(error)
    })

    test('only one receive() at a time', async () => {
      const { alice } = await connected()
      const waiting = alice.receive()
      await expect((async () => alice.receive())()).rejects.toThrow(TypeError)
      alice.abort(new ChatError('closed', 'done'))
      await expect(waiting).rejects.toEqual(hasCode('closed'))
    })

    test('who waits for send() is held back by a reader that does not read, and goes on when it does', async () => {
      const { alice, bob } = await connected()
      const page = text(new Uint8Array(TEXT_BODY_LIMIT).fill(0x78))
      const total = 120
      let sent = 0
      async function sendAll(): Promise<void> {
        for (; sent < total; sent++) await alice.send(page)
      }
      const sending = sendAll()
      await standstill(() => sent)
      expect(sent * TEXT_BODY_LIMIT).toBeLessThan(2 ** 20)
      for (let i = 0; i < total; i++) expect((await bob.receive())?.body.length).toBe(TEXT_BODY_LIMIT)
      await sending
      expect(sent).toBe(total)
    })

    test('who does not wait for send() is ended when the other side does not keep up', async () => {
      const { alice } = await connected()
      const page = text(new Uint8Array(TEXT_BODY_LIMIT))
      for (let i = 0; i < 1_000; i++) void alice.send(page)
      await expect(alice.receive()).rejects.toEqual(hasCode('too-many'))
      await expect(alice.send(page)).rejects.toEqual(hasCode('too-many'))
    })

    test('any bit of a conversation may flip: it ends, and nobody is misled', async () => {
      const whole = await conversation(() => {}, null)
      for (const line of ['toBob', 'toAlice'] as const) {
        const bytes = Buffer.concat(whole.wire[line].writes).length
        const step = Math.max(1, Math.floor(bytes / PLACES))
        for (let at = 0; at < bytes; at += step) {
          const harmed = await conversation(wire => flipBit(wire[line], at, at % 8))
          const what = `bit ${at % 8} of byte ${at} of ${bytes} ${line}`
          expectHonest(what, harmed)
          if (integrity) expect((line === 'toBob' ? harmed.bob : harmed.alice).end, what).not.toBeNull()
        }
      }
    })

    test.each(Object.keys(damages))(
      'any write of a conversation may be %s: it ends, and nobody is misled',
      async kind => {
        const damage = damages[kind] ?? (write => write)
        const whole = await conversation(() => {}, null)
        for (const [line, back] of [
          ['toBob', 'toAlice'],
          ['toAlice', 'toBob'],
        ] as const) {
          for (let at = 0; at < whole.wire[line].writes.length; at++) {
            const harmed = await conversation(wire => {
              wire[line].path = write => {
                const { writes } = wire[line]
                return writes.length === at + 1 ? damage(write, writes, wire[back].writes) : write
              }
            })
            expectHonest(`write ${at} ${line} ${kind}`, harmed)
          }
        }
      },
    )
  })
}

function flipBit(line: Line, at: number, bit: number): void {
  let passed = 0
  line.path = write => {
    const here = at - passed
    passed += write.length
    if (here >= 0 && here < write.length) write.writeUInt8(write.readUInt8(here) ^ (1 << bit), here)
    return write
  }
}
