import { expect, test } from 'vitest'
import { ChatError } from '../src/errors.ts'
import type { Channel } from '../src/wire/channel.ts'
import { withGoodbye } from '../src/wire/goodbye.ts'
import { type Every, KEEPALIVE_IDLE, KEEPALIVE_LOSS, withKeepalive } from '../src/wire/keepalive.ts'
import { GOODBYE, KEEPALIVE, TEXT } from '../src/wire/message-types.ts'
import { channelPair } from './support/channel-pair.ts'

const text = { type: TEXT, body: new Uint8Array(Buffer.from('hello')) }
const keepalive = { type: KEEPALIVE, body: new Uint8Array() }
const turn = () => new Promise(resolve => setImmediate(resolve))
const hasCode = (code: string) => expect.objectContaining({ code })

/** A channel under watch, and a clock that a test moves. */
function watched() {
  const [rawAlice, rawBob] = channelPair()
  let tick: (() => void) | undefined
  let interval = 0
  const every: Every = (milliseconds, act) => {
    interval = milliseconds
    tick = act
    return () => {
      tick = undefined
    }
  }
  const alice: Channel = withKeepalive(withGoodbye(rawAlice), every)
  return {
    alice,
    bob: rawBob,
    /** Lets time pass, in ticks of the timer. */
    async pass(ticks: number): Promise<void> {
      for (let i = 0; i < ticks; i++) {
        tick?.()
        await turn()
      }
    },
    get running() {
      return tick !== undefined
    },
    get interval() {
      return interval
    },
  }
}

test('ticks as often as a keepalive is due', () => {
  expect(watched().interval).toBe(KEEPALIVE_IDLE)
})

test('who is silent sends a keepalive with every tick, who spoke does not', async () => {
  const { alice, bob, pass } = watched()
  await pass(2)
  await alice.send(text)
  await pass(1)
  await pass(1)
  await alice.close()
  const received = []
  for (let m = await bob.receive(); m !== null; m = await bob.receive()) received.push(m.type)
  expect(received).toEqual([KEEPALIVE, KEEPALIVE, TEXT, KEEPALIVE, GOODBYE])
})

test('who waits for a message sees no keepalive', async () => {
  const { alice, bob } = watched()
  await bob.send(keepalive)
  await bob.send(keepalive)
  await bob.send(text)
  expect(await alice.receive()).toEqual(text)
})

test('silence is a timeout after the loss time and not before', async () => {
  const { alice, bob, pass } = watched()
  const waiting = alice.receive()
  let over = false
  waiting.catch(() => {
    over = true
  })
  await pass(KEEPALIVE_LOSS / KEEPALIVE_IDLE)
  expect(over).toBe(false)
  await pass(1)
  await expect(waiting).rejects.toEqual(hasCode('timeout'))
  await expect(alice.send(text)).rejects.toEqual(hasCode('timeout'))
  const atBob = []
  try {
    for (;;) atBob.push(await bob.receive())
  } catch (error) {
    expect(error).toEqual(hasCode('cut'))
  }
  expect(atBob.every(message => message?.type === KEEPALIVE)).toBe(true)
})

test('a keepalive now and then is enough to go on for ever', async () => {
  const { alice, bob, pass } = watched()
  const waiting = alice.receive()
  for (let i = 0; i < 10; i++) {
    await pass(3)
    await bob.send(keepalive)
    await turn()
  }
  await bob.send(text)
  expect(await waiting).toEqual(text)
})

test('while nobody receives, silence proves nothing', async () => {
  const { alice, bob, pass } = watched()
  await bob.send(text)
  await pass(20)
  expect(await alice.receive()).toEqual(text)
  await pass(20)
  const waiting = alice.receive()
  await pass(3)
  await bob.send(text)
  expect(await waiting).toEqual(text)
})

test('a side that said goodbye may be silent, and we still keep it company', async () => {
  const { alice, bob, pass } = watched()
  await bob.send({ type: GOODBYE, body: new Uint8Array() })
  expect(await alice.receive()).toBeNull()
  await pass(20)
  await alice.send(text)
  expect((await bob.receive())?.type).toBe(KEEPALIVE)
})

test('after our goodbye nothing is sent, and the other side is still watched', async () => {
  const { alice, bob, pass } = watched()
  await alice.close()
  const waiting = alice.receive()
  const expected = expect(waiting).rejects.toEqual(hasCode('timeout'))
  await pass(5)
  await expected
  expect((await bob.receive())?.type).toBe(GOODBYE)
  await expect(bob.receive()).rejects.toEqual(hasCode('cut'))
})

test.each<[string, (side: ReturnType<typeof watched>) => Promise<unknown>]>([
  [
    'both goodbyes',
    async ({ alice, bob }) => {
      await alice.close()
      await bob.send({ type: GOODBYE, body: new Uint8Array() })
      await alice.receive()
    },
  ],
  [
    'both goodbyes, theirs first',
    async ({ alice, bob }) => {
      await bob.send({ type: GOODBYE, body: new Uint8Array() })
      await alice.receive()
      await alice.close()
    },
  ],
  ['an abort', ({ alice }) => Promise.resolve(alice.abort(new ChatError('closed', 'enough')))],
  ['a failure', async ({ alice, bob }) => bob.close().then(() => alice.receive().catch(() => undefined))],
  [
    'a loss',
    async ({ alice, pass }) => {
      const waiting = alice.receive().catch(() => undefined)
      await pass(4)
      await waiting
    },
  ],
])('the timer stops after %s', async (_, end) => {
  const side = watched()
  expect(side.running).toBe(true)
  await end(side)
  expect(side.running).toBe(false)
})

test('a failure that only sending notices stops the timer too', async () => {
  const [raw] = channelPair()
  raw.abort(new ChatError('cut', 'gone'))
  let stopped = false
  let tick = () => {}
  withKeepalive(raw, (_, act) => {
    tick = act
    return () => {
      stopped = true
    }
  })
  tick()
  await turn()
  expect(stopped).toBe(true)
})

test('who takes nothing of what it is sent is lost as well, although nobody waits for its word', () => {
  const aborted: string[] = []
  const never = new Promise<never>(() => undefined)
  const stuck: Channel = {
    send: () => never,
    receive: () => never,
    close: () => never,
    abort: ({ code }) => void aborted.push(code),
  }
  let tick = () => {}
  const every: Every = (_, act) => {
    tick = act
    return () => undefined
  }
  void withKeepalive(stuck, every).send(text)
  for (let waited = 0; waited < KEEPALIVE_LOSS; waited += KEEPALIVE_IDLE) tick()
  expect(aborted).toEqual([])
  tick()
  expect(aborted).toEqual(['timeout'])
})

test('that we can still send proves nothing: who is silent is lost although we go on talking', async () => {
  const { alice, pass } = watched()
  const received = alice.receive()
  const lost = expect(received).rejects.toThrow(hasCode('timeout'))
  for (let waited = 0; waited <= KEEPALIVE_LOSS; waited += KEEPALIVE_IDLE) {
    await alice.send(text)
    await pass(1)
  }
  await lost
})
