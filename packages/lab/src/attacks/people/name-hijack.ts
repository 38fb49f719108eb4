import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { ChatRung } from '../../rungs.ts'
import { stretched } from '@p2p-secure-chat/stage/busy'
import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import { type Outcome, type Play, type Plays, resisted } from '../attack.ts'
import { isRefusal, mallorysPath, sceneTestbed } from '../both-online.ts'
import { tellSecret } from './impostor.ts'

/** How long a directory may list a client that has left, in milliseconds: it sees the end of the connection at once. */
const GONE_DEADLINE = 10_000

/** Milliseconds between two questions. */
const ASK_EVERY = 20

export const nameHijack: Plays = {
  basic: takeTheName('basic'),
  'textbook-dh': takeTheName('textbook-dh'),
  'textbook-aes': takeTheName('textbook-aes'),
  dh: takeTheName('dh'),
  aes: takeTheName('aes'),
}

function takeTheName(rung: ChatRung): Play {
  return async scene => {
    const [testbed, path] = await Promise.all([sceneTestbed(scene, rung), mallorysPath(scene, rung)])
    const [alice, bob] = await Promise.all([testbed.startClient('alice'), testbed.startClient('bob')])
    // Over a path of her own, so that what she hears can be recorded.
    const hers = { home: join(scene.folder, 'mallory'), behind: path }

    async function confideInMallory(mallory: TestClient, how: string): Promise<Outcome> {
      scene.tell('The directory takes her. Alice asks it where bob is, and calls: she has something to tell him.')
      const { result, evidence } = await tellSecret(scene, alice, { client: mallory, inTruth: 'mallory', refusals: [] })
      return { result, evidence: `mallory registers as bob ${how}; ${evidence}` }
    }

    scene.tell('Bob is online. Mallory registers at the same directory, as bob.')
    const meanwhile = await testbed.tryToStartClient('bob', hers)
    if (!isRefusal(meanwhile)) return confideInMallory(meanwhile, 'while he is online')
    scene.tell(`The directory refuses her: ${meanwhile.refused}. So she waits until bob has left, and tries again.`)
    await bob.stop()
    await untilGone(alice, 'bob')
    const later = await testbed.tryToStartClient('bob', hers)
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
 * Waits until the directory no longer lists a name: a client that has ended may stay there for a moment, and no event
 * reports when it goes.
 *
 * @throws {ChatError} `timeout`
 */
async function untilGone(asking: TestClient, name: string): Promise<void> {
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
