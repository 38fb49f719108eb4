import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Identity } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeers } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type Path, openPath } from '../../../stage/src/path.ts'
import { temporaryFolder, textsOf } from '../../../dh-chat/test/support/chat-testbed.ts'
import { alice, bob } from '../../../dh-chat/test/support/people.ts'
import { type Person, startPerson } from '../../../dh-chat/test/support/person.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { aesUpgrade } from '../../src/aes-upgrade.ts'

/** Scenes that are played at once: most of a scene is waiting. */
const AT_ONCE = 12

type Step =
  | { readonly act: 'say' | 'leave'; readonly who: 'alice' | 'bob' }
  | { readonly act: 'kill'; readonly towards: 'dialler' | 'listener' | undefined }
  | { readonly act: 'wait'; readonly turns: number }

/** What happens to a conversation, and for how many turns of the event loop each of the two shows a text. */
interface Scene {
  readonly steps: readonly Step[]
  readonly slowness: Readonly<Record<'alice' | 'bob', number>>
}

const who = fc.constantFrom('alice' as const, 'bob' as const)
const towards = fc.constantFrom('dialler' as const, 'listener' as const, undefined)

function scene(leaves: number): fc.Arbitrary<Scene> {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ act: fc.constant('say' as const), who }) },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('kill' as const), towards }) },
    { weight: 4, arbitrary: fc.record({ act: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 60 }) }) },
    { weight: leaves, arbitrary: fc.record({ act: fc.constant('leave' as const), who }) },
  )
  const slowness = fc.record({ alice: fc.nat(40), bob: fc.nat(40) })
  return fc.record({ steps: fc.array<Step>(step, { maxLength: 40 }), slowness })
}

/** Two who talk, and what each of them has said. */
interface Stage {
  readonly people: Readonly<Record<'alice' | 'bob', Person>>
  readonly said: Readonly<Record<'alice' | 'bob', string[]>>
  readonly proxies: readonly [Path, Path]
}

async function start(identity: Identity, slowness: number, locate: () => Address): Promise<Person> {
  const home = temporaryFolder()
  mkdirSync(join(home, identity.name))
  const upgrade = aesUpgrade({ identity, knownPeers: knownPeers(home, identity.name), groups: [testGroup] })
  const person = await startPerson(identity.name, upgrade, locate, 'all', async event => {
    if (event.event !== 'message' || event.direction === 'out') return
    for (let turn = 0; turn < slowness; turn++) await nextTurn()
  })
  onTestFinished(() => person.stop())
  return person
}

async function play({ steps, slowness }: Scene): Promise<Stage> {
  const proxies = await Promise.all([openPath(), openPath()])
  for (const proxy of proxies) onTestFinished(() => proxy.stop())
  const people = {
    alice: await start(alice, slowness.alice, () => proxies[1]),
    bob: await start(bob, slowness.bob, () => proxies[0]),
  }
  proxies[0].forwardTo(people.alice.address)
  proxies[1].forwardTo(people.bob.address)
  const said: Stage['said'] = { alice: [], bob: [] }
  expect(await people.alice.engine.call('bob')).toBe(true)
  await people.bob.until(() => people.bob.engine.open.length === 1)
  for (const [index, step] of steps.entries()) {
    if (step.act === 'kill') for (const proxy of proxies) proxy.kill(step.towards)
    if (step.act === 'wait') for (let turn = 0; turn < step.turns; turn++) await nextTurn()
    if (step.act === 'leave') void people[step.who].engine.leave(other(step.who)).catch(() => undefined)
    if (step.act === 'say') {
      const text = String(index)
      const isTaken = people[step.who].engine.say(other(step.who), text).then(
        () => true,
        () => false,
      )
      if (await isTaken) said[step.who].push(text)
    }
  }
  return { people, said, proxies }
}

function other(name: 'alice' | 'bob'): 'alice' | 'bob' {
  return name === 'alice' ? 'bob' : 'alice'
}

const ofKind = ({ events }: Person, ...kinds: string[]) => events.filter(({ event }) => kinds.includes(event))

function idsOf({ events }: Person, kind: 'out' | 'delivered'): string[] {
  return events.flatMap(event => {
    if (event.event === 'message') return kind === event.direction ? [event.id] : []
    return kind === event.event && event.event === 'delivered' ? [event.id] : []
  })
}

/** What holds however a conversation ends: nothing twice, nothing out of order, and nothing acknowledged but not shown. */
function checkOrder({ people, said }: Stage): void {
  for (const name of ['alice', 'bob'] as const) {
    const heard = textsOf(people[other(name)].events)
    const delivered = idsOf(people[name], 'delivered')
    expect(heard).toEqual(said[name].slice(0, heard.length))
    expect(delivered).toEqual(idsOf(people[name], 'out').slice(0, delivered.length))
    expect(delivered.length).toBeLessThanOrEqual(heard.length)
    expect(people[name].engine.undelivered).toBe(said[name].length - delivered.length)
    const turns = ofKind(people[name], 'interrupted', 'resumed').map(({ event }) => event)
    expect(turns).toEqual(turns.map((_, index) => (index % 2 === 0 ? 'interrupted' : 'resumed')))
  }
}

async function settle(stage: Stage): Promise<void> {
  const { people, said } = stage
  await Promise.all([people.alice.engine.settled('bob'), people.bob.engine.settled('alice')])
  checkOrder(stage)
  for (const name of ['alice', 'bob'] as const) {
    expect(textsOf(people[other(name)].events)).toEqual(said[name])
    expect(people[name].engine.undelivered).toBe(0)
    expect(ofKind(people[name], 'closed')).toEqual([])
  }
}

async function part(stage: Stage): Promise<void> {
  const { people, proxies } = stage
  // Otherwise who has not noticed that the connection broke waits for the other one for 45 seconds.
  for (const proxy of proxies) proxy.kill()
  await people.alice.engine.leave('bob').catch(() => undefined)
  await Promise.all([people.alice, people.bob].map(one => one.until(() => ofKind(one, 'closed').length > 0)))
  checkOrder(stage)
  for (const one of [people.alice, people.bob]) expect(ofKind(one, 'closed')).toHaveLength(1)
}

test.each([
  ['settles with everything said, once and in order', 0, settle],
  ['may be left at any moment, and is told as it was', 1, part],
] as const)('a conversation that breaks anywhere, between slow screens, %s', async (_, leaves, finish) => {
  await fc.assert(
    fc.asyncProperty(fc.array(scene(leaves), { minLength: AT_ONCE, maxLength: AT_ONCE }), async scenes => {
      await Promise.all(scenes.map(async one => finish(await play(one))))
    }),
    { numRuns: 2, endOnFailure: true },
  )
})
