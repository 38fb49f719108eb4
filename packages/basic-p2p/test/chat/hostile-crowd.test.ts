import { setImmediate as nextTurn } from 'node:timers/promises'
import { queryObjects } from 'node:v8'
import { reportDefectsTo } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { blockedForNow } from '../../src/chat/blocked-peers.ts'
import { type ChatEngine, chatEngine } from '../../src/chat/chat-engine.ts'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import type { EstablishOptions } from '../../src/chat/establish.ts'
import { Peer } from '../../src/chat/peer.ts'
import { plainUpgrade } from '../../src/plain-upgrade.ts'
import { RINGING_LIMIT } from '../../src/chat/call-policy.ts'
import { Crowd, SAYINGS, type Saying } from '../support/crowd.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { GATES, Gates } from '../support/gates.ts'
import { polling, testLimit } from '../../../core/test/support/patience.ts'

// All that comes after the hellos, without sockets.
vi.mock('@p2p-secure-chat/core/net/dial', () => ({ dial: async () => null }))
vi.mock('../../src/chat/establish.ts', () => ({
  establish: (_: null, { upgrade, expected }: EstablishOptions) =>
    Reflect.apply(upgrade.upgrade, upgrade, [null, { expected }]),
}))

const NAMES = ['bob', 'carol', 'alice'] as const
const KEYS = ['a', 'z', 'zz'] as const

const who = fc.constantFrom('bob', 'bob', 'carol')
/** Whose connection, the latest first. */
const line = fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 3, 4)
const saying = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Saying>('CALL', 'ACCEPT') },
  { weight: 3, arbitrary: fc.constantFrom(...SAYINGS) },
)
const gate = fc.constantFrom(...GATES)

/** What the crowd does, what our user does, and what the machine does. */
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('dials' as const),
      who: fc.constantFrom(...NAMES, 'bob' as const),
      key: fc.constantFrom(...KEYS),
    }),
  },
  { weight: 12, arbitrary: fc.record({ act: fc.constant('says' as const), line, saying }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('cuts' as const), line }) },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constant('answers' as const),
      who,
      how: fc.constantFrom(...KEYS, 'too-many' as const, 'cut' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('call' as const),
      who,
      patience: fc.constantFrom(0, 2_000, undefined),
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom('accept', 'accept', 'decline' as const), line }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('leave' as const), who }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('block', 'unblock', 'say', 'settle' as const), who }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('close', 'open', 'fail' as const), gate }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('wait' as const),
      milliseconds: fc.constantFrom(1, 300, 700, 4_000, 10_500, 61_000),
    }),
  },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never
/** And how many turns of the event loop follow it. */
type ExitPolicy = readonly (readonly [Step, number])[]

const CALLED: ExitPolicy = [
  [{ act: 'dials', who: 'bob', key: 'a' }, 0],
  [{ act: 'says', line: 0, saying: 'CALL' }, 3],
]
const THEY_CALLED: ExitPolicy = [...CALLED, [{ act: 'accept', line: 0 }, 3]]
const WE_CALLED: ExitPolicy = [
  [{ act: 'call', who: 'bob', patience: undefined }, 6],
  [{ act: 'says', line: 0, saying: 'ACCEPT' }, 3],
]
const CUT: ExitPolicy = [[{ act: 'cuts', line: 0 }, 3]]
const BACK: ExitPolicy = [
  [{ act: 'dials', who: 'bob', key: 'a' }, 0],
  [{ act: 'says', line: 0, saying: 'CALL resume' }, 3],
]
const GO_ON: ExitPolicy = [
  [{ act: 'wait', milliseconds: 700 }, 3],
  [{ act: 'says', line: 0, saying: 'ACCEPT resume' }, 3],
]
const CROSSED: ExitPolicy = [[{ act: 'call', who: 'bob', patience: undefined }, 6], ...CALLED]
/** All that at once, and a fault that ends it. */
const BACK_WITH_FAULT: ExitPolicy = [
  [{ act: 'cuts', line: 0 }, 0],
  [{ act: 'dials', who: 'bob', key: 'a' }, 0],
  [{ act: 'says', line: 0, saying: 'CALL' }, 0],
  [{ act: 'says', line: 0, saying: 'RECEIPT' }, 0],
]
/** Where a course begins: what random steps seldom lead to. */
const BEGINNINGS: readonly ExitPolicy[] = [
  [],
  THEY_CALLED,
  WE_CALLED,
  [...THEY_CALLED, ...CUT],
  [...WE_CALLED, ...CUT],
  [...THEY_CALLED, ...CUT, ...BACK],
  [...WE_CALLED, ...CUT, ...BACK],
  [...WE_CALLED, ...CUT, ...GO_ON],
  [...THEY_CALLED, ...BACK_WITH_FAULT],
  CROSSED,
]
const course = fc
  .tuple(
    fc.constantFrom(...BEGINNINGS),
    fc.array(fc.tuple(step, fc.constantFrom(0, 0, 1, 3)), { maxLength: 50, size: 'max' }),
  )
  .map((parts): ExitPolicy => parts.flat())

interface Setting {
  readonly hasKeys: boolean
  readonly policy: 'ask' | 'all'
  /** Whether the crowd vanishes when our user leaves, or falls silent. */
  readonly vanishes: boolean
}
const setting = fc.record<Setting>({
  hasKeys: fc.boolean(),
  policy: fc.constantFrom('ask', 'all'),
  vanishes: fc.boolean(),
})

/** Alice among a crowd, and what must hold at every moment. */
class Scene {
  readonly engine: ChatEngine
  readonly #gates = new Gates()
  readonly #crowd: Crowd
  readonly #blocked = blockedForNow()
  readonly #answers = new Map<string, string>()
  readonly #pass: (milliseconds: number) => Promise<void>
  /** What our user waits for. */
  readonly #waits = new Set<string>()
  readonly #wrong: string[] = []
  /** Names whose blocking is complete. */
  readonly #gone = new Set<string>()
  #isLeaving = false
  /** How often our user has lifted a block. */
  #lifted = 0
  #count = 0

  constructor({ hasKeys, policy }: Setting, pass: (milliseconds: number) => Promise<void>) {
    this.#crowd = new Crowd(hasKeys, this.#gates)
    this.#pass = pass
    this.engine = chatEngine({
      name: 'alice',
      upgrade: { ...plainUpgrade('alice'), upgrade: (_, { expected }) => this.#answer(expected ?? '') },
      policy,
      blocked: {
        ...this.#blocked,
        blocks: async (name, fingerprint) => {
          await this.#gates.pass('blocks')
          return this.#blocked.blocks(name, fingerprint)
        },
      },
      files: { decision: 'decline', folder: '.' },
      locate: async () => {
        await this.#gates.pass('locate')
        return { host: '127.0.0.1', port: 1 }
      },
      emit: event => {
        this.#judge(event)
        return this.#gates.pass('output')
      },
    })
  }

  async #answer(name: string) {
    await this.#gates.pass('upgrade')
    const how = this.#answers.get(name) ?? 'a'
    if (how === 'too-many' || how === 'cut') throw new ChatError(how, 'as they say')
    const connection = this.#crowd.connect(name, how)
    if (connection === null) throw new ChatError('key-changed', 'the name has another key')
    return connection
  }

  async play(steps: ExitPolicy): Promise<void> {
    for (const [one, turns] of steps) {
      await this.#do(one)
      for (let turn = 0; turn < turns; turn++) await nextTurn()
      const { open, ringing } = this.engine
      if (new Set(open).size < open.length) this.#wrong.push('two conversations in one name')
      if (ringing.length > RINGING_LIMIT) this.#wrong.push('too many calls ring')
    }
  }

  /** Our user leaves, whatever goes on. @returns what is wrong, or left */
  async end(vanishes: boolean): Promise<readonly string[]> {
    this.#gates.openAll()
    if (vanishes) for (const { channel } of this.#crowd.lines) channel.abort(new ChatError('cut', 'gone'))
    this.#isLeaving = true
    this.#wait('leaveAll', this.engine.leaveAll())
    for (let turn = 0; turn < 30; turn++) await nextTurn()
    for (let deadline = 0; deadline < 4; deadline++) await this.#pass(10_500)
    const { open, calling, ringing, exchanging } = this.engine
    const left = [...open, ...calling, ...exchanging, ...ringing.map(({ peer }) => peer)]
    const connections = this.#crowd.lines.filter(({ isOver }) => !isOver).map(({ name }) => `connection of ${name}`)
    const timers = vi.getTimerCount() === 0 ? [] : ['a timer']
    // Errors that a channel keeps know who was on the stack.
    this.#crowd.lines.length = 0
    return [...this.#wrong, ...left, ...connections, ...timers, ...this.#waits]
  }

  #wait(what: string, work: Promise<unknown>): void {
    this.#count += 1
    const id = `${what} ${this.#count}`
    this.#waits.add(id)
    work
      .catch(thrown => thrown instanceof ChatError || this.#wrong.push(`${what}: ${thrown}`))
      .finally(() => this.#waits.delete(id))
  }

  #judge(event: ChatEvent): void {
    const { engine } = this
    const wrong = (is: boolean, what: string): void => {
      if (is) this.#wrong.push(what)
    }
    switch (event.event) {
      case 'call': {
        const isOurs = event.direction === 'outgoing'
        wrong(isOurs && !engine.calling.includes(event.peer), 'a call that is over is told')
        return wrong(!isOurs && this.#gone.has(event.peer), 'somebody who is blocked rings')
      }
      case 'open':
        wrong(this.#isLeaving, 'a conversation opens while our user leaves')
        return wrong(this.#gone.has(event.peer), 'a conversation opens with somebody who is blocked')
      case 'retry':
        return wrong(!engine.calling.includes(event.peer), 'a call that is over is tried again')
      case 'interrupted':
        return wrong(!engine.isInterrupted(event.peer), 'not interrupted')
      case 'resumed':
        return wrong(engine.isInterrupted(event.peer), 'not resumed')
      case 'message':
        return wrong(engine.security(event.peer) === null, 'a text without a conversation')
      default:
    }
  }

  async #do(one: Step): Promise<void> {
    const { engine } = this
    switch (one.act) {
      case 'dials': {
        const connection = this.#crowd.connect(one.who, one.key)
        return connection === null ? undefined : engine.take(connection)
      }
      case 'says': {
        const found = this.#crowd.line(one.line)
        return found === undefined ? undefined : this.#crowd.say(found, one.saying)
      }
      case 'cuts':
        return this.#crowd.line(one.line)?.channel.abort(new ChatError('cut', 'gone'))
      case 'answers':
        return void this.#answers.set(one.who, one.how)
      case 'call':
        return this.#wait('call', engine.call(one.who, one.patience))
      case 'accept':
      case 'decline': {
        const call = engine.ringing[one.line % engine.ringing.length]
        if (call === undefined) return
        return one.act === 'accept' ? this.#wait('accept', call.accept()) : call.decline()
      }
      case 'leave':
        return this.#wait('leave', engine.leave(one.who))
      case 'block':
        return this.#wait('block', this.#block(one.who))
      case 'unblock':
        this.#lifted += 1
        this.#gone.delete(one.who)
        return this.#wait('unblock', this.#blocked.unblock(one.who))
      case 'say':
        return this.#wait('say', engine.say(one.who, 'hello'))
      case 'settle':
        return this.#wait('settle', engine.settled(one.who))
      case 'close':
        return this.#gates.close(one.gate)
      case 'open':
        return this.#gates.open(one.gate)
      case 'fail':
        return this.#gates.failOnce(one.gate)
      case 'wait':
        return this.#pass(one.milliseconds)
    }
  }

  async #block(name: string): Promise<void> {
    const lifted = this.#lifted
    await this.engine.block(name)
    // Our user may have lifted it meanwhile.
    if (lifted === this.#lifted) this.#gone.add(name)
  }
}

/** How many courses are tried; by hand, with RUNS in the environment, as many as one likes. */
const RUNS = Number(process.env['RUNS'] ?? 100)

test(
  'no course of calls, answers and breaks leads to a defect, and nothing is left of any',
  async () => {
    const defects: unknown[] = []
    reportDefectsTo(({ cause }) => void defects.push(cause))
    const pass = fakeClock()
    const engines: ChatEngine[] = []
    await fc.assert(
      fc.asyncProperty(course, setting, async (steps, how) => {
        const scene = new Scene(how, pass)
        engines.push(scene.engine)
        await scene.play(steps)
        expect(await scene.end(how.vanishes)).toEqual([])
        expect(defects.splice(0)).toEqual([])
      }),
      { numRuns: RUNS },
    )
    // Each engine is still there, and knows nobody any more. The last step may still be on the stack of a turn.
    await expect.poll(() => queryObjects(Peer), polling()).toBe(0)
    expect(engines.length).toBeGreaterThan(0)
  },
  testLimit() + 100 * RUNS,
)
