import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { FILE_ACCEPT, FILE_CANCEL, FILE_OFFER, FILE_RESULT } from '@p2p-secure-chat/basic-p2p/messages/files'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { chatVictims } from './victims.ts'
import { callAsMallory } from './hostile-peer.ts'

/** What bob reads of, and what comes while his fingers are on the keys. */
const SEEN = { id: 1, name: 'holiday.jpg' }
const SWAPPED = { id: 2, name: 'holiday.jpg.sh' }

export const swappedOffer: Plays = {
  basic: swapOffers('basic'),
  dh: swapOffers('dh'),
  aes: swapOffers('aes'),
}

function offerOf({ id, name }: typeof SEEN) {
  return FILE_OFFER.message({ id, name, size: 3, sha256: String(id).repeat(64) })
}

function swapOffers(rung: FramedRung): Play {
  return async scene => {
    const { bob } = await chatVictims(scene, rung)
    const mallory = await callAsMallory(scene, rung, bob.address)
    await mallory.send(offerOf(SEEN))
    await bob.next({ event: 'file', id: SEEN.id, state: 'offered' })
    await mallory.send(offerOf(SWAPPED))
    await bob.next({ event: 'file', id: SWAPPED.id, state: 'offered' })
    scene.tell(
      `Bob has read that mallory offers ${SEEN.name}. While he types /accept mallory, she offers ${SWAPPED.name}.`,
      { label: 'what he has read of', bytes: encodeFrame(offerOf(SEEN)) },
      { label: 'what comes then', bytes: encodeFrame(offerOf(SWAPPED)) },
    )
    bob.say('/accept mallory')
    // What bob declines tells that all before it has been answered.
    bob.say(`/decline mallory ${SWAPPED.id}`)
    if ((await takenBefore(mallory)) === SWAPPED.id) {
      return broken(`bob has read of ${SEEN.name}, says /accept mallory, and takes ${SWAPPED.name}`)
    }
    const { code } = await bob.next('error')
    return resisted(
      `bob's /accept mallory takes nothing, for two files wait (${String(code)}); he declines file ${SWAPPED.id}`,
    )
  }
}

/** @returns the id of the file that bob takes; null where he takes none before he declines one */
async function takenBefore(mallory: Channel): Promise<number | null> {
  for (let message = await mallory.receive(); message !== null; message = await mallory.receive()) {
    if (message.type === FILE_RESULT.type) return null
    if (message.type !== FILE_ACCEPT.type) continue
    const { id } = FILE_ACCEPT.read(message.body)
    // Nothing of it must stay on the disk.
    await mallory.send(FILE_CANCEL.message({ id, code: 'cancelled' }))
    return id
  }
  throw new Error('bob hangs up on mallory')
}
