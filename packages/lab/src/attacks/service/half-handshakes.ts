import type { Address } from '@p2p-secure-chat/core/net/address'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER } from '@p2p-secure-chat/dh-chat/messages'
import { messageOf } from '@p2p-secure-chat/dissector/message/read-message'
import { dialRaw } from '@p2p-secure-chat/stage/raw-client'
import type { SecureRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { chatVictims, precede, visitBob } from './victims.ts'
import { MALLORYS_ADDRESS, strangersOffer } from './hostile-peer.ts'

/** The most expensive of the groups that every client takes. */
const EXPENSIVE = 'ffdhe4096'

/** The group that a client offers by itself. */
const USUAL = 'ffdhe3072'

/** Offers of mallory's at once: half of what bob hears out from one address, while those of the round before may be ending. */
const AT_ONCE = 8

/** Rounds: together more offers than bob has time for, also on a machine that is twice as fast as ours. */
const ROUNDS = 16

export const halfHandshakes: Plays = {
  dh: leaveHandshakes('dh'),
  aes: leaveHandshakes('aes'),
}

function leaveHandshakes(rung: SecureRung): Play {
  return async scene => {
    const { testbed, bob } = await chatVictims(scene, rung)
    const visit = visitBob(testbed, bob)
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
  if (first === null || messageOf(first).type !== HELLO.type)
    throw new Error('bob does not hear out that many callers at once')
  return connection
}
