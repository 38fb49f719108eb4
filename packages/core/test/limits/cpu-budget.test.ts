import { setMaxListeners } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { ADMISSION_PATIENCE, type CpuBudget, cpuBudget, HANDSHAKE_COST } from '../../src/limits/cpu-budget.ts'
import { networksOf, seenNetworks } from '../../src/net/networks.ts'

const at = (remoteAddress: string) => networksOf({ remoteAddress })
const MINUTE = 60_000

/** A budget at a clock of the test's own, for work that takes exactly as long as it says. */
function budget(seen: readonly string[] = []) {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const networks = seenNetworks()
  for (const host of seen) networks.add(host)
  let used = 0
  const { admit, charge } = cpuBudget({ seen: networks, used: () => used })
  const here = new AbortController().signal
  setMaxListeners(0, here)
  return {
    admit: (host: string, gone = here) => admit(at(host), gone),
    /** A handshake that costs so much once it is admitted. */
    async handshake(host: string, cost = 10): Promise<void> {
      await admit(at(host), here)
      charge(at(host), () => void (used += cost))
      // Besides, it costs what is charged for it without being measured.
      used += HANDSHAKE_COST
    },
    used: () => used,
    charge: ((from, work) => charge(from, work)) satisfies CpuBudget['charge'],
    async pass(milliseconds: number): Promise<void> {
      await vi.advanceTimersByTimeAsync(milliseconds)
      await turns(40)
    },
  }
}

/** Lets everybody have a turn who may. */
async function turns(count = 400): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn()
}

test('a classroom of 30 behind one address gets in at once, also in a group of 4096 bits', async () => {
  const { handshake } = budget()
  let done = 0
  for (let i = 0; i < 30; i++) void handshake('192.0.2.1', 30).then(() => (done += 1))
  await turns()
  expect(done).toBe(30)
})

/** Lets flooders at these addresses try as hard as they can for a minute. @returns milliseconds of processor time */
async function minuteOf(hosts: readonly string[], seen: readonly string[] = []): Promise<number> {
  const { handshake, used, pass } = budget(seen)
  let over = false
  for (const host of hosts) {
    const flood = async () => {
      while (!over) await handshake(host).catch(() => undefined)
    }
    for (let i = 0; i < 8; i++) void flood()
  }
  await turns()
  for (let time = 0; time < MINUTE; time += 500) await pass(500)
  over = true
  return used()
}

const many = Array.from({ length: 4 }, (_, i) => `192.0.2.${i}`)

test.each([
  ['one stranger', ['192.0.2.1'], [], 1_200 + 50 * 60],
  ['one who completed a handshake first', ['192.0.2.1'], ['192.0.2.1'], 1_200 + 150 * 60],
  ['many strangers', many, [], 3_000 + 150 * 60],
  ['many who completed a handshake first', many, many, 3_000 + 300 * 60],
])('in a minute %s cost no more than the budget', async (_, hosts, seen, limit) => {
  const cost = await minuteOf(hosts, seen)
  // What is charged afterwards may be above it, by what was under way.
  expect(cost).toBeLessThan(limit + 200)
  expect(cost).toBeGreaterThan(0.9 * limit)
})

test('a stranger who comes new goes before a flooder who has used more', async () => {
  const { handshake, pass } = budget()
  const served: string[] = []
  for (let i = 0; i < 12; i++) {
    for (let n = 0; n < 40; n++)
      void handshake(`192.0.2.${i}`).then(
        () => served.push('mallory'),
        () => undefined,
      )
  }
  await turns()
  const before = served.length
  void handshake('198.51.100.1').then(() => served.push('alice'))
  await pass(200)
  expect(served[before]).toBe('alice')
})

test('between two admissions the event loop has a turn', async () => {
  const { admit } = budget()
  let admitted = 0
  const all = Promise.all(Array.from({ length: 5 }, () => admit('192.0.2.1').then(() => (admitted += 1))))
  for (let turn = 0; admitted < 5; turn++) {
    expect(admitted).toBeLessThanOrEqual(turn)
    await nextTurn()
  }
  await all
})

test('who waits in vain hears too-many, and costs nothing more', async () => {
  const { handshake, charge, admit, pass, used } = budget()
  charge(at('192.0.2.1'), () => undefined)
  await handshake('192.0.2.1', 5_000)
  const refused = expect(admit('192.0.2.1')).rejects.toMatchObject({ code: 'too-many' })
  const before = used()
  await pass(ADMISSION_PATIENCE)
  await refused
  expect(used()).toBe(before)
})

test('who is gone does not wait any longer, and is not admitted', async () => {
  const { handshake, admit, pass } = budget()
  await handshake('192.0.2.1', 1_500)
  const end = new AbortController()
  const gone = expect(admit('192.0.2.1', end.signal)).rejects.toThrow('gone')
  end.abort(new Error('gone'))
  await gone
  await expect(admit('192.0.2.1', end.signal)).rejects.toThrow('gone')
  let late = false
  void admit('192.0.2.1').then(() => (late = true))
  await pass(7_900)
  expect(late).toBe(true)
})

test('what fails is charged as well', async () => {
  const { charge, admit, handshake, pass } = budget()
  await handshake('192.0.2.1', 1_199)
  expect(() =>
    charge(at('192.0.2.1'), () => {
      throw new RangeError('no')
    }),
  ).toThrow('no')
  let admitted = false
  void admit('192.0.2.1').then(() => (admitted = true))
  await pass(1)
  expect(admitted).toBe(false)
})
