import type { Event } from '../../stage/actor.ts'
import type { Resident } from '../../stage/town.ts'
import { broken, type Outcome, resisted } from '../attack.ts'
import { say } from '../meeting.ts'

/** Whom alice means. */
const BOB = 'bob'

/** What alice tells nobody but bob. */
export const SECRET = 'The spare key is under the blue pot.'

/** Two who have talked before: where a rung remembers keys, each remembers that of the other. */
export async function befriend(alice: Resident, bob: Resident): Promise<void> {
  alice.call(bob.name)
  await Promise.all([alice.next('open'), bob.next('open')])
  await say(alice, bob, `Hello ${bob.name}, it is me.`)
  alice.leave()
  await Promise.all([alice.next('closed'), bob.next('closed')])
}

/** What the screen says of the key behind a name when a conversation opens: a program without keys says nothing. */
export function keyOnScreen({ identity }: Event): string {
  return `alice's screen says of bob's key: ${typeof identity === 'string' ? identity : 'nothing'}`
}

export interface Confidence {
  readonly alice: Resident
  /** Who answers in bob's place, and what they are called in truth. */
  readonly answering: Resident
  readonly inTruth: 'mallory' | 'carol'
  /** The codes with which a client refuses them: for any other reason it must not be. */
  readonly refusals: readonly string[]
}

/**
 * Alice calls bob, somebody else answers, and she tells them her secret if her client lets her.
 *
 * @throws {Error} when the call fails for another reason: then it is not the attack that failed
 */
export async function confide({ alice, answering, inTruth, refusals }: Confidence): Promise<Outcome> {
  alice.call(BOB)
  const answer = await alice.next('open', 'closed')
  if (answer.event === 'open') {
    await answering.next('open')
    // The program of the textbook does not even say with whom.
    const { peer = BOB } = answer
    if (peer !== BOB) return broken(`alice calls bob, and is in a conversation with ${String(peer)}`)
    await say(alice, answering, SECRET)
    return broken(`${keyOnScreen(answer)}; ${inTruth} reads "${SECRET}"`)
  }
  const code = String(answer.code)
  if (!refusals.includes(code)) throw new Error(`alice's call ended with ${code}`)
  return resisted(`alice's client refuses ${inTruth} in bob's place, before a word is said: ${code}`)
}
