import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { FILE_CANCEL, FILE_OFFER } from '@p2p-secure-chat/basic-p2p/messages/files'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { ignorable } from '@p2p-secure-chat/core/contain'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted } from '../attack.ts'
import { chatVictims, visitBob } from './victims.ts'
import { callAsMallory } from './hostile-peer.ts'

/** Offers that mallory makes, and takes back at once. */
const PAIRS = 500

/** The size of each file, as she says, in bytes. */
const SIZE = 200_000

/** Partial files that may lie there at once: the four that are under way, and the sixteen that are kept to go on later. */
const FILES = 20

/** How often to look into the folder, in milliseconds. */
const LOOK_EVERY = 2

/** How often to look whether the folder is finally empty: for ten seconds. */
const LAST_LOOKS = 5_000

export const offerChurn: Plays = {
  basic: churnOffers('basic'),
  dh: churnOffers('dh'),
  aes: churnOffers('aes'),
}

function offerAndCancel(id: number) {
  const offer = { id, name: 'plan.pdf', size: SIZE, sha256: id.toString(16).padStart(64, '0') }
  return [FILE_OFFER.message(offer), FILE_CANCEL.message({ id, code: 'cancelled' })] as const
}

function churnOffers(rung: FramedRung): Play {
  return async scene => {
    const folder = join(scene.folder, 'received')
    await mkdir(folder)
    const { testbed, bob } = await chatVictims(scene, rung, ['--accept-files', folder])
    const mallory = await callAsMallory(scene, rung, bob.address)
    scene.tell(
      `Mallory offers bob, who takes all files, ${PAIRS} of them, and takes back each before he can ask for it.`,
      { label: 'an offer, and its end', bytes: Buffer.concat(offerAndCancel(1).map(encodeFrame)) },
    )
    let most = 0
    const look = async () => (most = Math.max(most, (await readdir(folder)).length))
    const looking = setInterval(() => void ignorable(look()), LOOK_EVERY)
    scene.afterwards(() => clearInterval(looking))
    await Promise.all([offerAll(mallory), heardOut(mallory)])
    const refusal = await visitBob(testbed, bob)('alice')
    const isEmptied = await emptied(folder)
    if (most > FILES) return broken(`of ${PAIRS} files that are taken back at once ${most} lie in bob's folder`)
    if (!isEmptied) return broken('what mallory has taken back still lies in the folder of bob')
    if (refusal !== null) return broken(`beside ${PAIRS} offers of mallory's alice is not served: ${refusal}`)
    return resisted(
      `of ${PAIRS} files that are offered and taken back at most ${most} lie in bob's folder at a time; alice is served`,
    )
  }
}

/** Waits until the folder is empty. @returns whether it came to that */
async function emptied(folder: string): Promise<boolean> {
  for (let look = 0; look < LAST_LOOKS; look++) {
    if ((await readdir(folder)).length === 0) return true
    await setTimeout(LOOK_EVERY)
  }
  return false
}

async function offerAll(channel: Channel): Promise<void> {
  for (let id = 1; id <= PAIRS; id++) {
    for (const message of offerAndCancel(id)) await channel.send(message)
  }
  await channel.send(TEXT.message({ id: 1n, text: 'Never mind.' }))
}

/** Reads what bob says, until he has the text that came last, and so everything before it. */
async function heardOut(channel: Channel): Promise<void> {
  for (let message = await channel.receive(); message?.type !== RECEIPT.type; message = await channel.receive()) {
    if (message === null) throw new Error('bob hangs up on mallory')
  }
}
