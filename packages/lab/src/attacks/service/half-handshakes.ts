import type { Address } from '@p2p-secure-chat/core/net/address'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER } from '@p2p-secure-chat/dh-chat/messages'
import { messageOf } from '@p2p-secure-chat/dissector/message/read-message'
import { dialRaw } from '@p2p-secure-chat/stage/raw-client'
import type { SecureRung } from '../../rungs.ts'
import { type Attack, broken, claim, notApplicable, type Play, resisted, type Scene } from '../attack.ts'
import { NO_EXCHANGE } from '../reasons.ts'
import { chatVictims } from './chat-victims.ts'
import { MALLORYS_ADDRESS } from './mallorys-addresses.ts'
import { precede, visitBob } from './newcomer.ts'
import { strangersOffer } from './strangers-offer.ts'

/** The most expensive of the groups that every client takes. */
const EXPENSIVE = 'ffdhe4096'

/** The group that a client offers by itself. */
const USUAL = 'ffdhe3072'

/** Offers of mallory's at once: half of what bob hears out from one address, while those of the round before may be ending. */
const AT_ONCE = 8

/** Rounds: together more offers than bob has time for, also on a machine that is twice as fast as ours. */
const ROUNDS = 16

const CHEAP = 'its numbers are so small that computing with them costs nothing'

export const halfHandshakes: Attack = {
  name: 'half-handshakes',
  title: 'Handshakes that are never finished',
  position: 'peer',
  goal: "Keep bob busy with offers that she never follows up, so that alice's offer waits behind all of hers.",
  question:
    'Mallory sends bob eight offers, and then one comes from the address that alice has called from before. Will he compute for mallory first?',
  lesson: `In a handshake the callee computes before he knows for whom: two exponentiations for each OFFER, some tens \
of milliseconds. The offer costs mallory one packet, the same each time. One address that keeps sending it can take \
most of a core, and nothing shows who she is, because the proof would come later and never does.

So the processor time that strangers cost is counted, and it is limited: one address gets 1.2 seconds at once, enough \
for a class of thirty, and then a twentieth of a core. An offer that finds nothing left waits, and offers of callers \
who have used less go first. A network from which a handshake was completed before has an account of its own, so \
strangers cannot spend what is kept for alice. Cookies (RFC 7296, section 2.6) and puzzles (RFC 8019) are other \
answers: a cookie makes sure that mallory receives what is sent to her address, a puzzle makes her compute as well.`,
  against: {
    calc: notApplicable(NO_EXCHANGE),
    basic: notApplicable(NO_EXCHANGE),
    'textbook-dh': notApplicable(CHEAP),
    'textbook-aes': notApplicable(CHEAP),
    dh: claim('resisted', leaveHandshakes('dh')),
    aes: claim('resisted', leaveHandshakes('aes')),
  },
}

function leaveHandshakes(rung: SecureRung): Play {
  return async scene => {
    const { town, bob } = await chatVictims(scene, rung)
    const visit = visitBob(town, bob)
    await precede(visit)
    const mallorys = strangersOffer(rung, EXPENSIVE)
    const alices = strangersOffer(rung, USUAL)
    scene.tell(
      `Carol has called bob from the address that she shares with alice. Mallory, who comes from another one, sends him ${AT_ONCE} offers.`,
      { label: 'each time', bytes: mallorys },
    )
    let answered = 0
    for (let round = 1; round <= ROUNDS; round++) {
      const before = await answersBefore(scene, bob.address, mallorys, alices)
      answered += before
      if (before > AT_ONCE / 2) continue
      scene.tell(
        `In round ${round} of this he answers ${before} of hers, and then one that came last, from alice's address.`,
      )
      const refusal = await visit('alice')
      if (refusal !== null) return broken(`alice finds no place beside mallory's offers: ${refusal}`)
      return resisted(
        `bob answers ${answered} of ${round * AT_ONCE} offers of mallory's; one from alice's address passes the others by, and alice gets through`,
      )
    }
    return broken(
      `${ROUNDS} times bob computes for ${AT_ONCE} offers of mallory's first, and then for one that comes from alice's address`,
    )
  }
}

/** @returns how many of mallory's offers were answered when one was that came after them */
async function answersBefore(scene: Scene, victim: Address, mallorys: Uint8Array, alices: Uint8Array): Promise<number> {
  const ofMallory = await Promise.all(Array.from({ length: AT_ONCE }, () => greeted(scene, victim, MALLORYS_ADDRESS)))
  const ofAlice = await greeted(scene, victim)
  let answered = 0
  for (const connection of ofMallory) {
    void connection.write(mallorys)
    void ignorable(connection.frame(ANSWER.type).then(answer => (answered += answer === null ? 0 : 1)))
  }
  await ofAlice.write(alices)
  if ((await ofAlice.frame(ANSWER.type)) === null)
    throw new Error("bob does not answer what comes from alice's address")
  for (const connection of [...ofMallory, ofAlice]) connection.destroy()
  return answered
}

/** A connection on which bob listens. */
async function greeted({ tap, afterwards }: Scene, victim: Address, from?: string) {
  const connection = await dialRaw(victim, { tap, from })
  afterwards(() => connection.destroy())
  const first = await connection.firstBytes()
  if (first === null || messageOf(first).type !== HELLO.type) throw new Error('bob does not hear out so many at once')
  return connection
}
