import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type WorkTurn, turns, withTurns } from '../../src/limits/turns.ts'
import { type Channel, ROOM } from '../../src/wire/channel.ts'
import { withKeepalive } from '../../src/wire/keepalive.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'
import { KEEPALIVE } from '../../src/wire/common-messages.ts'

const QUANTUM = 16

/** An event loop that turns when the test says so. */
function loop() {
  let waiting: (() => void)[] = []
  return {
    nextTurn: (go: () => void) => void waiting.push(go),
    async turn() {
      const now = waiting
      waiting = []
      for (const go of now) go()
      // Whoever may go on does so before the next turn.
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

function table() {
  const { nextTurn, turn } = loop()
  const { join } = turns(QUANTUM, nextTurn)
  /** Who began a piece of work, one entry for each. */
  const order: string[] = []

  /** Does pieces of work one after the other. */
  async function work(name: string, own: WorkTurn, pieces: number, cost = 1): Promise<void> {
    for (let i = 0; i < pieces; i++) {
      await own.begin(cost)
      order.push(name)
    }
  }
  const count = (name: string) => order.filter(one => one === name).length
  return { join, turn, order, work, count }
}

/** How often each was served in a row: `a3 b1`. */
const runs = (order: readonly string[]) =>
  order
    .join('')
    .replaceAll(/(.)\1*/g, run => `${run[0]}${run.length} `)
    .trim()

test('alone, one has a turn in each turn of the loop, and never waits longer', async () => {
  const { join, turn, order, work } = table()
  void work('a', join(), 1_000)
  for (let turned = 1; turned < 10; turned++) {
    await turn()
    expect(order.length).toBeGreaterThanOrEqual(turned * QUANTUM)
    expect(order.length).toBeLessThanOrEqual((turned + 1) * QUANTUM)
  }
})

test('many who have much to do take turns', async () => {
  const { join, turn, order, work } = table()
  for (const name of 'abc') void work(name, join(), 1_000)
  for (let i = 0; i < 6; i++) await turn()
  order.length = 0
  for (let i = 0; i < 6; i++) await turn()
  expect(runs(order)).toBe('a16 b16 c16 a16 b16 c16')
})

test('whoever was idle goes next, before all who have had their share', async () => {
  const { join, turn, order, work } = table()
  for (const name of 'abcdefghij') void work(name, join(), 1_000)
  const honest = join()
  for (let asked = 1; asked < 10; asked++) {
    // In the midst of the round of the others, at any place.
    for (let i = 0; i < 3; i++) await turn()
    const before = order.length
    void work('!', honest, 1)
    await turn()
    const served = order.slice(before)
    expect(served.slice(0, 1 + QUANTUM)).toContain('!')
  }
})

test('small batches gain nothing: a share is given once in a round', async () => {
  const { join, turn, work, count } = table()
  void work('f', join(), 100_000)
  void work('g', join(), 100_000)
  const sly = join()
  for (let i = 0; i < 1_000; i++) {
    void work('s', sly, 3)
    await turn()
  }
  expect(count('s')).toBeLessThanOrEqual(count('f') + 2 * QUANTUM)
  expect(Math.abs(count('f') - count('g'))).toBeLessThanOrEqual(QUANTUM)
})

test('work that costs more than a turn is paid with the turns that follow', async () => {
  const { join, turn, work, count } = table()
  void work('x', join(), 1_000, 10 * QUANTUM)
  void work('a', join(), 100_000)
  for (let i = 0; i < 220; i++) await turn()
  expect(count('x')).toBeGreaterThan(10)
  expect(count('x') * 10 * QUANTUM).toBeLessThanOrEqual(count('a') + 11 * QUANTUM)
})

test('what is charged afterwards counts as well', async () => {
  const { join, turn, work, count } = table()
  const costly = join()
  let begun = 0
  void (async () => {
    for (;;) {
      await costly.begin(1)
      costly.charge(4 * QUANTUM)
      begun += 1
    }
  })()
  void work('a', join(), 100_000)
  for (let i = 0; i < 100; i++) await turn()
  expect(begun).toBeGreaterThan(10)
  expect(begun * 4 * QUANTUM).toBeLessThanOrEqual(count('a') + 5 * QUANTUM)
})

test('however many come at once, the loop has a turn after one share', async () => {
  const { join, turn, order, work } = table()
  for (let i = 0; i < 1_000; i++) void work('a', join(), 1)
  await new Promise(resolve => setImmediate(resolve))
  expect(order).toHaveLength(QUANTUM)
  let before = order.length
  while (order.length < 1_000) {
    await turn()
    expect(order.length - before).toBeGreaterThan(0)
    expect(order.length - before).toBeLessThanOrEqual(QUANTUM)
    before = order.length
  }
})

test('the patient let those go first who were idle', async () => {
  const { join, turn, order, work } = table()
  for (let i = 0; i < 1_000; i++) void work('p', join(true), 5)
  await turn()
  const before = order.length
  void work('!', join(), 1)
  await turn()
  expect(order.slice(before, before + 1 + QUANTUM)).toContain('!')
})

test('the patient come to their turn beside those who never stop', async () => {
  const { join, turn, work, count } = table()
  for (const name of 'abc') void work(name, join(), 100_000)
  void work('p', join(true), 1_000)
  for (let i = 0; i < 100; i++) await turn()
  expect(count('p')).toBeGreaterThanOrEqual(count('a') - QUANTUM)
})

test('whoever always has something to do gets as much as any other, whatever each piece costs', async () => {
  const costs = fc.array(fc.integer({ min: 1, max: 3 * QUANTUM }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(fc.array(costs, { minLength: 2, maxLength: 6 }), async crowd => {
      const { join, turn } = table()
      const done = crowd.map(() => 0)
      for (const [index, pieces] of crowd.entries()) {
        const own = join()
        void (async () => {
          for (let i = 0; ; i++) {
            const cost = pieces[i % pieces.length] ?? 1
            await own.begin(cost)
            done[index] = (done[index] ?? 0) + cost
          }
        })()
      }
      for (let i = 0; i < 100; i++) await turn()
      // A round more, and a piece begun at its end.
      expect(Math.max(...done) - Math.min(...done)).toBeLessThanOrEqual(5 * QUANTUM)
    }),
    { numRuns: 30 },
  )
})

test('a channel hands over what comes in turn, and no more of it than a share before the loop has its turn', async () => {
  const { nextTurn, turn } = loop()
  const { join } = turns(QUANTUM, nextTurn)
  let taken = 0
  const flood: Channel = {
    send: () => ROOM,
    poll: () => undefined,
    receive: async () => ({ type: ++taken % 100 === 0 ? TEXT.type : KEEPALIVE.type, body: new Uint8Array(1) }),
    close: async () => undefined,
    abort: () => undefined,
  }
  const channel = withKeepalive(
    withTurns(flood, join(), ({ body }) => body.length),
    { now: () => 0, after: () => () => undefined },
  )
  void (async () => {
    while ((await channel.receive()) !== null)
      await channel.send({ type: TEXT.type, body: new Uint8Array(QUANTUM / 2) })
  })()
  for (let turned = 1; turned < 50; turned++) {
    await turn()
    expect(taken).toBeGreaterThan(turned * (QUANTUM / 2))
    expect(taken).toBeLessThanOrEqual(1 + (turned + 1) * QUANTUM)
  }
})

test('a message that was polled before its turn is the next to be received', async () => {
  const { nextTurn, turn } = loop()
  let count = 0
  const message = () => ({ type: TEXT.type, body: new Uint8Array(QUANTUM).fill(++count) })
  const flood: Channel = {
    send: () => ROOM,
    poll: message,
    receive: async () => message(),
    close: async () => undefined,
    abort: () => undefined,
  }
  const channel = withTurns(flood, turns(QUANTUM, nextTurn).join(), ({ body }) => body.length)
  expect(channel.poll()?.body[0]).toBe(1)
  for (let i = 0; i < 3; i++) expect(channel.poll(), 'one is held, and no other is taken').toBeUndefined()
  const received = channel.receive()
  for (let i = 0; i < 3; i++) await turn()
  expect((await received)?.body[0]).toBe(2)
})
