import type { Address } from '@p2p-secure-chat/core/net/address'
import { ANSWER } from '@p2p-secure-chat/dh-chat/messages'
import { dialRaw } from '@p2p-secure-chat/stage/raw-client'
import type { SecureRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { chatVictims, precede, visitBob } from './victims.ts'
import { MALLORYS_ADDRESS, strangersOffer } from './hostile-peer.ts'

/** A group that every client takes: it shows that mallory's offers are what they must be. */
const COMMON = 'ffdhe3072'

/** The groups of more than 4096 bits that programs of ours know. */
const EXPENSIVE = ['modp17', 'modp18', 'ffdhe6144', 'ffdhe8192']

export const expensiveGroup: Plays = {
  dh: offerExpensiveGroups('dh'),
  aes: offerExpensiveGroups('aes'),
}

function offerExpensiveGroups(rung: SecureRung): Play {
  return async scene => {
    const { testbed, bob } = await chatVictims(scene, rung)
    const visit = visitBob(testbed, bob)
    const offer = (group: string) => offerIn(group, strangersOffer(rung, group), scene, bob.address)
    const usual = await offer(COMMON)
    if (usual !== 'answered') throw new Error(`bob says ${usual} to an offer in ${COMMON}`)
    for (const group of EXPENSIVE) {
      const answer = await offer(group)
      if (answer === 'answered') {
        return broken(`bob, who does not know mallory, computes in ${group} because she asks him to`)
      }
      if (answer !== 'no-common-group') throw new Error(`bob says ${answer} to an offer in ${group}`)
    }
    await precede(visit)
    return resisted(`bob answers in ${COMMON}; in ${EXPENSIVE.join(', ')} he computes nothing: no-common-group`)
  }
}

/** Offers one group, and hangs up. @returns `answered`, or the code of the refusal */
async function offerIn(
  group: string,
  words: Uint8Array,
  { tap, tell, afterwards }: Scene,
  victim: Address,
): Promise<string> {
  const connection = await dialRaw(victim, { tap, from: MALLORYS_ADDRESS })
  afterwards(() => connection.destroy())
  await connection.write(words)
  const answered = connection.frame(ANSWER.type).then(answer => (answer === null ? null : 'answered'))
  const said = await Promise.race([answered, connection.errorCode()])
  connection.destroy()
  if (said === null) throw new Error(`bob hangs up on an offer in ${group}, and does not say why`)
  tell(`Mallory offers bob ${group} and no other group. He ${said === 'answered' ? 'answers' : `says ${said}`}.`, {
    label: 'her hello and her offer',
    bytes: words,
  })
  return said
}
