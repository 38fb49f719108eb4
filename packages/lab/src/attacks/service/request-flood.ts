import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/contain'
import { CARD, LOOKUP } from '@p2p-secure-chat/basic-p2p/messages/directory'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { chatVictims, precede, visitBob } from './victims.ts'
import { type DirectoryVisitor, visitDirectory } from './directory-visitor.ts'
import { MALLORYS_ADDRESS } from './hostile-peer.ts'

/** Requests that mallory sends at once: about as many as the directory reads at once, 64 KiB. */
const REQUESTS = 1_500

/** Rounds, of which the best counts: where this machine is busy, the directory goes on with mallory until alice has spoken. */
const ROUNDS = 5

export const requestFlood: Plays = {
  basic: askWithoutEnd('basic'),
  dh: askWithoutEnd('dh'),
  aes: askWithoutEnd('aes'),
}

const lookup = (id: number, name: string) => LOOKUP.message({ id, name })

function askWithoutEnd(rung: FramedRung): Play {
  return async scene => {
    const { server, testbed, bob } = await chatVictims(scene, rung)
    const visit = visitBob(testbed, bob)
    await precede(visit)
    const mallory = await visitDirectory(scene, rung, server, 'mallory', MALLORYS_ADDRESS)
    await mallory.register()
    let least = REQUESTS
    for (let round = 1; round <= ROUNDS; round++) {
      const name = `alice${round}`
      const alice = await visitDirectory(scene, rung, server, name)
      const before = await answersBefore(name, mallory.channel, alice)
      least = Math.min(least, before)
      scene.tell(
        `Mallory asks ${REQUESTS} times where ${name} is, and at her first answer ${name} registers. ` +
          `${before} times the answer is that nobody of this name is there.`,
        ...(round > 1 ? [] : [{ label: 'one request', bytes: encodeFrame(lookup(0, name)) }]),
      )
    }
    if (least > REQUESTS / 2) {
      return broken(`the directory answers ${least} of ${REQUESTS} requests of mallory's before it looks at alice's`)
    }
    const refusal = await visit('alice')
    if (refusal !== null) return broken(`the directory is fair, and alice finds no place all the same: ${refusal}`)
    return resisted(
      `of ${REQUESTS} requests that mallory sends at once the directory answers ${least}, and then it is alice's turn`,
    )
  }
}

/** @returns how many of mallory's requests were answered before a registration that came after them */
async function answersBefore(name: string, mallory: Channel, newcomer: DirectoryVisitor): Promise<number> {
  for (let id = 0; id < REQUESTS; id++) void ignorable(mallory.send(lookup(id, name)))
  let registered = Promise.resolve()
  let before = 0
  for (let i = 0; i < REQUESTS; i++) {
    const answer = await mallory.receive()
    if (answer === null) throw new Error('the directory hangs up on mallory')
    // Only now: so it is at work on what mallory sent.
    if (i === 0) registered = newcomer.register()
    if (answer.type === CARD.type) continue
    const { error } = readError(answer.body)
    if (error.code !== 'unknown-user') throw error
    before += 1
  }
  await registered
  return before
}
