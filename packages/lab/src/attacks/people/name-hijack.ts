import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { ChatRung } from '../../rungs.ts'
import { stretched } from '@p2p-secure-chat/stage/busy'
import type { Resident } from '@p2p-secure-chat/stage/town'
import { type Attack, claim, notApplicable, type Outcome, type Play, resisted } from '../attack.ts'
import { isRefusal, maliciousPath, sceneTown } from '../meeting.ts'
import { confide } from './confide.ts'

/** How long a directory may list somebody who has left, in milliseconds: it sees the end of their connection at once. */
const GONE_DEADLINE = 10_000

/** How often it is asked, in milliseconds. */
const ASK_EVERY = 20

export const nameHijack: Attack = {
  name: 'name-hijack',
  title: 'Taking a name at the directory',
  position: 'peer',
  goal: 'Become bob at the directory, so that alice, who never talked with him, calls mallory and tells her what was meant for him.',
  question: 'Bob is registered at the directory; later he goes home. Will mallory ever get his name?',
  lesson: `A directory that believes every name can be told any name. One that gives a name to whoever comes first is \
better, but only for as long as they stay: after that, whoever comes next is bob.

What helps is to bind the name to a key, and to ask for a proof at each registration: a signature over a fresh \
challenge, the name, and the address of this very directory, so that it is worth nothing anywhere else \
(docs/protocol.md, Directory). The first one to come still gets the name; after that it is theirs, whether they are \
online or not.

This helps alice, but she must not rely on it: a directory may forget, or lie. If she has talked with bob before, her \
own client remembers his key.`,
  against: {
    calc: notApplicable('a calculator has no users and no directory'),
    basic: claim('broken', takeTheName('basic')),
    'textbook-dh': claim('broken', takeTheName('textbook-dh')),
    'textbook-aes': claim('broken', takeTheName('textbook-aes')),
    dh: claim('resisted', takeTheName('dh')),
    aes: claim('resisted', takeTheName('aes')),
  },
}

function takeTheName(rung: ChatRung): Play {
  return async scene => {
    const [town, path] = await Promise.all([sceneTown(scene, rung), maliciousPath(scene, rung)])
    const [alice, bob] = await Promise.all([town.settle('alice'), town.settle('bob')])
    // Over a path of her own, so that what she is told can be recorded.
    const hers = { home: join(scene.folder, 'mallory'), behind: path }

    async function confideInMallory(mallory: Resident, how: string): Promise<Outcome> {
      scene.tell('The directory takes her. Alice asks it where bob is, and calls: she has something to tell him.')
      const { result, evidence } = await confide(scene, alice, { client: mallory, inTruth: 'mallory', refusals: [] })
      return { result, evidence: `mallory registers as bob ${how}; ${evidence}` }
    }

    scene.tell('Bob is online. Mallory registers at the same directory, as bob.')
    const meanwhile = await town.tryToSettle('bob', hers)
    if (!isRefusal(meanwhile)) return confideInMallory(meanwhile, 'while he is online')
    scene.tell(`The directory refuses her: ${meanwhile.refused}. So she waits until bob has left, and tries again.`)
    await bob.stop()
    await untilGone(alice, 'bob')
    const later = await town.tryToSettle('bob', hers)
    if (!isRefusal(later)) return confideInMallory(later, 'once he has left')
    scene.tell(`The directory still refuses her: ${later.refused}. The name belongs to the key of who had it first.`)
    if (meanwhile.refused !== 'name-taken' || later.refused !== 'name-taken') {
      throw new Error(`mallory was refused with ${meanwhile.refused} and ${later.refused}`)
    }
    return resisted(
      'the directory refuses mallory the name of bob, while he is online and after he has left: name-taken',
    )
  }
}

/**
 * Waits until the directory lists somebody no more: a client that has ended may still be there for a moment, and nobody is
 * told when it goes.
 *
 * @throws {ChatError} `timeout`
 */
async function untilGone(asking: Resident, name: string): Promise<void> {
  let givenUp = false
  async function ask(): Promise<void> {
    while (!givenUp) {
      asking.say('/who')
      const { users } = await asking.next('users')
      if (!JSON.stringify(users).includes(`"${name}"`)) return
      await wait(ASK_EVERY)
    }
  }
  try {
    await withDeadline(ask(), stretched(GONE_DEADLINE), `the leave of ${name}`)
  } finally {
    givenUp = true
  }
}
