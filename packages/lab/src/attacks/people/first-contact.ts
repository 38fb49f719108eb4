import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import type { TestClient, Testbed } from '@p2p-secure-chat/stage/testbed'
import type { Event } from '@p2p-secure-chat/stage/transcript'
import type { ChatRung, SecureRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { startBoth, isRefusal, say, SECRET } from '../both-online.ts'
import { callUnderAttack, fingerprintOf, keyOnScreen } from './impostor.ts'
import { malloryIn } from './lying-directory.ts'

const REPLY = 'I will find it. Thank you!'

/** Whom alice calls: a name, or an invite. */
export type Callee = (bob: TestClient, testbed: Testbed) => string

/**
 * Alice, who never talked with bob, calls him, and her call ends at mallory: she answers as bob, calls bob as alice, and
 * passes on what they say, so that neither of them misses an answer.
 */
export async function goBetween(scene: Scene, rung: ChatRung, callee: Callee): Promise<Outcome> {
  const [{ testbed, alice, bob, path }, mallory] = await Promise.all([startBoth(scene, rung), malloryIn(scene, rung)])
  const asBob = await mallory.answerAs('bob')
  path.forwardTo(asBob.address)

  const whom = callee(bob, testbed)
  scene.tell('Alice calls bob for the first time. Her connection leads to mallory, whose client says that it is bob.')
  const seenByAlice = await callUnderAttack(scene, alice, whom, ['wrong-peer'])
  if (isRefusal(seenByAlice)) {
    return resisted(`alice's client refuses the key that answers, before any word passes: ${seenByAlice.refused}`)
  }

  scene.tell('Mallory calls bob, and says that she is alice. Whatever one of them says, she reads it and passes it on.')
  const asAlice = await mallory.callAs('alice', 'bob', bob.address)
  const [seenByBob] = await Promise.all([bob.next('open'), asAlice.next('open'), asBob.next('open')])
  await say(alice, asBob, SECRET)
  await say(asAlice, bob, SECRET)
  await say(bob, asAlice, REPLY)
  await say(asBob, alice, REPLY)
  scene.tell('Both got every word, and notice nothing.', { label: 'what mallory reads', bytes: Buffer.from(SECRET) })
  return broken(
    `mallory reads "${SECRET}" and passes it on; ${keyOnScreen(seenByAlice)}; ${comparison(scene, seenByAlice, seenByBob)}`,
  )
}

/** What the two find who compare the safety numbers on their screens. */
function comparison({ tell }: Scene, { safetyNumber: one }: Event, { safetyNumber: other }: Event): string {
  if (typeof one !== 'string' || typeof other !== 'string') return 'there is no safety number to compare'
  tell(`The safety number of alice begins with ${one.slice(0, 11)}, and that of bob with ${other.slice(0, 11)}.`)
  return one === other ? 'the safety numbers are the same' : 'the safety numbers differ'
}

export const firstContact: Plays = {
  basic: callByName('basic'),
  'textbook-dh': callByName('textbook-dh'),
  'textbook-aes': callByName('textbook-aes'),
  dh: callByName('dh'),
  aes: callByName('aes'),
}

function callByName(rung: ChatRung): Play {
  return scene => goBetween(scene, rung, bob => bob.name)
}

export const invitedContact: Plays = {
  dh: callByInvite('dh'),
  aes: callByInvite('aes'),
}

function callByInvite(rung: SecureRung): Play {
  return scene =>
    goBetween(scene, rung, (bob, { directory }) => {
      const invite = formatInvite({ name: bob.name, directory, fingerprint: fingerprintOf(bob) })
      scene.tell(`Bob has given alice an invite on a slip of paper: ${invite}`)
      return invite
    })
}
