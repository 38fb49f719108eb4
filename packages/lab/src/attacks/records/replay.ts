import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { RECEIPT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { type Interference, isIt, pass, type Passing } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { meet, say, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const SAID = 'give carol another 100'

export const replay: Plays = {
  basic: sendAgain('basic'),
  'textbook-dh': sendAgain('textbook-dh'),
  'textbook-aes': sendAgain('textbook-aes'),
  dh: sendAgain('dh'),
  aes: sendAgain('aes'),
}

/** A copy of a TEXT frame that is not encrypted, with the next id. */
function renumbered({ type, body }: Passing): Uint8Array {
  const copy = Buffer.from(body)
  copy.writeBigUInt64BE(copy.readBigUInt64BE() + 1n)
  return encodeFrame({ type, body: copy })
}

function sendAgain(rung: ChatRung): Play {
  return async scene => {
    let again = () => {}
    const meant = isIt(carrier(rung))
    const keepCopy: Interference = (passing, road) => {
      // The second receipt is for a text that alice never sent.
      if (passing.type === RECEIPT.type && passing.nth > 0) return
      pass(passing, road)
      if (!meant(passing)) return
      again = () => {
        const copy = rung === 'basic' ? renumbered(passing) : passing.bytes
        scene.tell('Bob has read it. Now mallory sends it once more.', { label: 'the copy', bytes: copy })
        road.onward(copy)
      }
    }
    const { alice, bob } = await meet(scene, rung, keepCopy)
    await say(alice, bob, SAID)
    again()
    let last = await bob.next({ event: 'message', direction: 'in' }, 'closed')
    if (last.event === 'message') {
      alice.leave()
      last = await bob.next('closed')
    }
    const count = textsSeenBy(bob).filter(text => text === SAID).length
    const unaware = count === 2 && last.reason === 'bye'
    return verdict(
      bob,
      last,
      unaware ? `alice said "${SAID}" once, bob reads it ${count} times, and all ends in order` : null,
    )
  }
}
