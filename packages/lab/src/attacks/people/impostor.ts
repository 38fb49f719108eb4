import type { Refusal, TestClient } from '@p2p-secure-chat/stage/testbed'
import type { Event } from '@p2p-secure-chat/stage/transcript'
import type { ChatRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { talkOnce, startBoth, isRefusal, say, SECRET, tryToCall } from '../both-online.ts'
import { malloryIn } from './lying-directory.ts'

/** Whom alice means. */
const BOB = 'bob'

/**
 * Alice calls, and the wrong peer answers. Reports how her client reacts.
 *
 * @returns as tryToCall()
 * @throws {Error} as tryToCall()
 */
export async function callUnderAttack(
  { tell }: Scene,
  alice: TestClient,
  whom: string,
  refusals: readonly string[],
): Promise<Event | Refusal> {
  const answer = await tryToCall(alice, whom, refusals)
  tell(
    isRefusal(answer)
      ? `Alice's client ends the call before any word passes: ${answer.refused}.`
      : `The conversation opens, and ${keyOnScreen(answer)}.`,
  )
  return answer
}

/** What the screen says of the key behind a name when a conversation opens; the textbook's program says nothing. */
export function keyOnScreen({ identity }: Event): string {
  return `alice's screen says of bob's key: ${typeof identity === 'string' ? identity : 'nothing'}`
}

/** A peer that answers in bob's place. */
export interface Impostor {
  readonly client: TestClient
  /** Who it is in truth. */
  readonly inTruth: 'mallory' | 'carol'
  /** The codes with which a client refuses them. */
  readonly refusals: readonly string[]
}

/**
 * Alice calls bob, an impostor answers, and she tells them her secret if her client lets her.
 *
 * @throws {Error} as tryToCall()
 */
export async function tellSecret(scene: Scene, alice: TestClient, impostor: Impostor): Promise<Outcome> {
  const { client, inTruth, refusals } = impostor
  const answer = await callUnderAttack(scene, alice, BOB, refusals)
  if (isRefusal(answer)) return resisted(`alice's client refuses ${inTruth} in bob's place: ${answer.refused}`)
  await client.next('open')
  await say(alice, client, SECRET)
  scene.tell(`She tells bob her secret, and ${inTruth} reads it.`, {
    label: `what ${inTruth} reads`,
    bytes: Buffer.from(SECRET),
  })
  return broken(`${keyOnScreen(answer)}; ${inTruth} reads "${SECRET}"`)
}

/** The fingerprint of the key of a client, as it says itself. @throws {Error} on rungs without keys */
export function fingerprintOf({ name, events }: TestClient): string {
  const ready = events.find(({ event }) => event === 'ready')
  if (typeof ready?.fingerprint !== 'string') throw new Error(`${name} has no key`)
  return ready.fingerprint
}

export const identitySubstitution: Plays = {
  basic: substitute('basic'),
  'textbook-dh': substitute('textbook-dh'),
  'textbook-aes': substitute('textbook-aes'),
  dh: substitute('dh'),
  aes: substitute('aes'),
}

function substitute(rung: ChatRung): Play {
  return async scene => {
    const [{ alice, bob, path }, mallory] = await Promise.all([
      startBoth(scene, rung),
      malloryIn(scene, rung).then(hers => hers.answerAs('bob')),
    ])
    scene.tell('Alice and bob talk, and mallory lets them.')
    await talkOnce(alice, bob)
    scene.tell('Alice calls bob again. This time her connection leads to mallory, whose client says that it is bob.')
    path.forwardTo(mallory.address)
    return tellSecret(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
  }
}
