import type { Event } from '../../stage/actor.ts'
import type { ChatRung } from '../../stage/rungs.ts'
import type { Resident, Town } from '../../stage/town.ts'
import { broken, type Outcome, resisted, type Scene } from '../attack.ts'
import { gather, say } from '../meeting.ts'
import { keyOnScreen, SECRET } from './confide.ts'
import { malloryIn } from './mallorys-town.ts'

const REPLY = 'I will find it. Thank you!'

/** Whom alice calls: a name, or an invite. */
export type Callee = (bob: Resident, town: Town) => string

/**
 * Alice, who never talked with bob, calls him, and her call ends at mallory: she answers as bob, calls bob as alice, and
 * passes on what they say, so that neither of them misses an answer.
 */
export async function goBetween(scene: Scene, rung: ChatRung, callee: Callee): Promise<Outcome> {
  const [{ town, alice, bob, path }, mallory] = await Promise.all([gather(scene, rung), malloryIn(scene, rung)])
  const asBob = await mallory.answerAs('bob')
  path.forwardTo(asBob.address)

  scene.tell('Alice calls bob for the first time. Her connection leads to mallory, whose client says that it is bob.')
  alice.call(callee(bob, town))
  const seenByAlice = await alice.next('open', 'closed')
  if (seenByAlice.event === 'closed') {
    const code = String(seenByAlice.code)
    if (code !== 'wrong-peer') throw new Error(`alice's call ended with ${code}`)
    return resisted(`alice's client refuses the key that answers, before a word is said: ${code}`)
  }

  scene.tell('Mallory calls bob, and says that she is alice. Whatever one of them says she reads, and passes on.')
  const asAlice = await mallory.callAs('alice', 'bob', bob.address)
  const [seenByBob] = await Promise.all([bob.next('open'), asAlice.next('open'), asBob.next('open')])
  await say(alice, asBob, SECRET)
  await say(asAlice, bob, SECRET)
  await say(bob, asAlice, REPLY)
  await say(asBob, alice, REPLY)
  const numbers = compared(seenByAlice, seenByBob)
  scene.tell(`Both are content: they got every word. ${numbers}.`)
  return broken(`mallory reads "${SECRET}" and passes it on; ${keyOnScreen(seenByAlice)}; ${numbers}`)
}

/** What the two would find if they compared what stands on their screens. */
function compared({ safetyNumber: one }: Event, { safetyNumber: other }: Event): string {
  if (typeof one !== 'string' || typeof other !== 'string') return 'there is no safety number to compare'
  if (one === other) return 'the safety numbers are the same'
  const beginning = (number: string) => number.slice(0, number.indexOf(' '))
  return `the safety numbers differ: ${beginning(one)}... and ${beginning(other)}...`
}
