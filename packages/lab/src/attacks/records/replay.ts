import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { RECEIPT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { type Interference, isIt, pass, type Passing } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { meet, say, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const SAID = 'give carol another 100'

export const replay: Attack = {
  name: 'replay',
  title: 'Replaying a message',
  position: 'man in the middle',
  goal: 'Make bob read twice what alice said once, without knowing what it is.',
  question: 'Mallory copies what alice sends, and sends it once more. Will bob take it for a second text?',
  lesson: `A copy of a message is as genuine as the message: it has the right key, the right padding and, where there \
is a tag, the right tag. Only the moment at which it comes makes it a forgery. So the tag must cover the place of a \
message: on the AES rung it covers a number that counts records and is never used again (as in SSH, RFC 4253 section \
6.4).

There is a second lock: texts have numbers of their own, and a number that was there before is refused. On the basic \
rung this is the only lock, and it does not hold: mallory writes the next number into the copy, and drops the receipt \
that alice must not see. On the DH rung a copy is opened with the next piece of the key stream, and comes out as \
noise. There, whoever knows the words needs no copy of them: see bit-flip.`,
  against: {
    calc: notApplicable('a question that is asked twice has the same answer twice'),
    basic: claim('broken', sendAgain('basic')),
    'textbook-dh': claim('broken', sendAgain('textbook-dh')),
    'textbook-aes': claim('broken', sendAgain('textbook-aes')),
    dh: claim('resisted', sendAgain('dh')),
    aes: claim('resisted', sendAgain('aes')),
  },
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
