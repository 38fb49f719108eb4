import { expect, test } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { withGoodbye } from '../../src/wire/goodbye.ts'
import { type Clock, KEEPALIVE_IDLE, KEEPALIVE_LOSS, withKeepalive } from '../../src/wire/keepalive.ts'
import { channelPair } from '../support/channel-pair.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { GOODBYE, KEEPALIVE } from '../../src/wire/common-messages.ts'

const text = { type: TEXT.type, body: new Uint8Array(Buffer.from('hello')) }
const keepalive = { type: KEEPALIVE.type, body: new Uint8Array() }
const turn = () => new Promise(resolve => setImmediate(resolve))
const hasCode = (code: string) => expect.objectContaining({ code })

/** Time that a test moves. */
function testClock() {
  let time = 1_000_000
  let timer: { at: number; act: () => void } | null = null
  const clock: Clock = {
    now: () => time,
    after(milliseconds, act) {
      const mine = { at: time + milliseconds, act }
      timer = mine
      return () => {
        if (timer === mine) timer = null
      }
    },
  }

  /** Acts once if it is time to. */
  async function act(): Promise<void> {
    const due = timer
    timer = null
    due?.act()
    await turn()
  }

  return {
    clock,
    get running() {
      return timer !== null
    },
    /** Lets milliseconds pass; whatever is due happens on time. */
    async pass(milliseconds: number): Promise<void> {
      const end = time + milliseconds
      while (timer !== null && timer.at <= end) {
        time = Math.max(time, timer.at)
        await act()
      }
      time = end
    },
    /** Lets them pass at once, as for a process that is suspended: what was due happens at their end. */
    async sleep(milliseconds: number): Promise<void> {
      time += milliseconds
      if (timer !== null && timer.at <= time) await act()
    },
  }
}

/** A channel under watch, and a clock that a test moves. */
function watched() {
  const [rawAlice, rawBob] = channelPair()
  const time = testClock()
  const alice: Channel = withKeepalive(withGoodbye(rawAlice), time.clock)
  return Object.assign(time, { alice, bob: rawBob })
}

/** Receives until there is nothing more; settles with the code of what ended it. */
function listening(channel: Channel): { over: string | null } {
  const state: { over: string | null } = { over: null }
  void (async () => {
    try {
      while ((await channel.receive()) !== null);
      state.over = 'bye'
    } catch (error) {
      state.over = error instanceof ChatError ? error.code : String(error)
    }
  })()
  return state
}

test('a keepalive leaves 15 s after the last message and every 15 s after that', async () => {
  const side = watched()
  const got: number[] = []
  void (async () => {
    for (let m = await side.bob.receive(); m !== null; m = await side.bob.receive()) got.push(m.type)
  })()
  await side.pass(7_000)
  await side.alice.send(text)
  await side.pass(KEEPALIVE_IDLE - 1)
  expect(got).toEqual([TEXT.type])
  await side.pass(1)
  expect(got).toEqual([TEXT.type, KEEPALIVE.type])
  await side.pass(KEEPALIVE_IDLE - 1)
  expect(got).toEqual([TEXT.type, KEEPALIVE.type])
  await side.pass(1)
  expect(got).toEqual([TEXT.type, KEEPALIVE.type, KEEPALIVE.type])
})

test.each([0, 1, 7_000, 14_999, 15_000, 15_001, 29_000])(
  'silence is a timeout 45 s after the last message, also where that came after %i ms',
  async milliseconds => {
    const { alice, bob, pass } = watched()
    const side = listening(alice)
    await pass(milliseconds)
    await bob.send(text)
    await turn()
    await pass(KEEPALIVE_LOSS - 1)
    expect(side.over).toBeNull()
    await pass(1)
    expect(side.over).toBe('timeout')
    await expect(alice.send(text)).rejects.toEqual(hasCode('timeout'))
  },
)

test('a side that was suspended does not take that time for silence of the other', async () => {
  const { alice, bob, sleep, pass } = watched()
  const side = listening(alice)
  await sleep(10 * 60_000)
  expect(side.over).toBeNull()
  expect((await bob.receive())?.type).toBe(KEEPALIVE.type)
  await pass(2 * KEEPALIVE_IDLE - 1)
  expect(side.over).toBeNull()
  await bob.send(keepalive)
  await turn()
  await pass(KEEPALIVE_LOSS - 1)
  expect(side.over).toBeNull()
})

test('after it was suspended, a side that still hears nothing loses the other', async () => {
  const { alice, sleep, pass } = watched()
  const side = listening(alice)
  await sleep(10 * 60_000)
  await pass(2 * KEEPALIVE_IDLE)
  expect(side.over).toBe('timeout')
})

test('who waits for a message sees no keepalive', async () => {
  const { alice, bob } = watched()
  await bob.send(keepalive)
  await bob.send(keepalive)
  await bob.send(text)
  expect(await alice.receive()).toEqual(text)
})

test('a keepalive now and then is enough to go on for ever', async () => {
  const { alice, bob, pass } = watched()
  const waiting = alice.receive()
  for (let i = 0; i < 10; i++) {
    await pass(KEEPALIVE_LOSS - 1)
    await bob.send(keepalive)
    await turn()
  }
  await bob.send(text)
  expect(await waiting).toEqual(text)
})

test('while nobody receives, silence proves nothing', async () => {
  const { alice, bob, pass } = watched()
  await bob.send(text)
  await pass(20 * KEEPALIVE_IDLE)
  expect(await alice.receive()).toEqual(text)
  await pass(20 * KEEPALIVE_IDLE)
  const waiting = alice.receive()
  await pass(KEEPALIVE_LOSS - 1)
  await bob.send(text)
  expect(await waiting).toEqual(text)
})

test('a side that said goodbye may be silent, and we still keep it company', async () => {
  const { alice, bob, pass } = watched()
  await bob.send({ type: GOODBYE.type, body: new Uint8Array() })
  expect(await alice.receive()).toBeNull()
  await pass(20 * KEEPALIVE_IDLE)
  await alice.send(text)
  expect((await bob.receive())?.type).toBe(KEEPALIVE.type)
})

test('after our goodbye nothing is sent, and the other side is still watched', async () => {
  const { alice, bob, pass } = watched()
  await alice.close()
  const waiting = alice.receive()
  const expected = expect(waiting).rejects.toEqual(hasCode('timeout'))
  await pass(KEEPALIVE_LOSS)
  await expected
  expect((await bob.receive())?.type).toBe(GOODBYE.type)
  await expect(bob.receive()).rejects.toEqual(hasCode('cut'))
})

test.each<[string, (side: ReturnType<typeof watched>) => Promise<unknown>]>([
  [
    'both goodbyes',
    async ({ alice, bob }) => {
      await alice.close()
      await bob.send({ type: GOODBYE.type, body: new Uint8Array() })
      await alice.receive()
    },
  ],
  [
    'both goodbyes, theirs first',
    async ({ alice, bob }) => {
      await bob.send({ type: GOODBYE.type, body: new Uint8Array() })
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
      await pass(KEEPALIVE_LOSS)
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
  const time = testClock()
  withKeepalive(raw, time.clock)
  await time.pass(KEEPALIVE_IDLE)
  expect(time.running).toBe(false)
})

test('who takes nothing of what it is sent is lost as well, although nobody waits for its word', async () => {
  const aborted: string[] = []
  const never = new Promise<never>(() => undefined)
  const stuck: Channel = {
    send: () => never,
    poll: () => undefined,
    receive: () => never,
    close: () => never,
    abort: ({ message }) => void aborted.push(message),
  }
  const { clock, pass } = testClock()
  const channel = withKeepalive(stuck, clock)
  await pass(7_000)
  void channel.send(text)
  await pass(KEEPALIVE_LOSS - 1)
  expect(aborted).toEqual([])
  await pass(1)
  expect(aborted).toEqual(['nothing was taken for 45 seconds'])
})

test('that we can still send proves nothing: who is silent is lost although we go on talking', async () => {
  const { alice, pass } = watched()
  const received = alice.receive()
  const lost = expect(received).rejects.toThrow(hasCode('timeout'))
  for (let waited = 0; waited < KEEPALIVE_LOSS; waited += KEEPALIVE_IDLE) {
    await alice.send(text)
    await pass(KEEPALIVE_IDLE)
  }
  await lost
})
