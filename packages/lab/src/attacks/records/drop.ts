import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { discard as withhold } from '@p2p-secure-chat/stage/tampering'
import { type Tamper, matches, pass, type Which } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import type { Outcome, Play, Plays, Scene } from '../attack.ts'
import { openConversation, say, textsSeenBy } from '../both-online.ts'
import { carrier, goodbyeOf, verdict } from './tampering.ts'

const FIRST = 'the key is under the mat'
const LAST = 'no, it is not safe there any more'

export const drop: Plays = {
  basic: loseLastText('basic'),
  'textbook-dh': loseLastText('textbook-dh'),
  'textbook-aes': loseLastText('textbook-aes'),
  dh: loseLastText('dh'),
  aes: loseLastText('aes'),
}

function loseLastText(rung: ChatRung): Play {
  return async (scene): Promise<Outcome> => {
    const last = carrier(rung, 1)
    const { alice, bob, path } = await openConversation(
      scene,
      rung,
      rung === 'dh' ? closeGap(scene, last) : lose(scene, last),
    )
    await say(alice, bob, FIRST)
    alice.say(LAST)
    // What she says next must not travel with it.
    await path.awaits(last)
    alice.leave()

    const end = await bob.next('closed')
    const texts = textsSeenBy(bob)
    const unaware = end.reason === 'bye' && texts.length === 1
    return verdict(
      bob,
      end,
      unaware ? `bob read "${texts.join(' ')}", and that alice left cleanly; "${LAST}" is lost` : null,
    )
  }
}

/** It goes no further, and all else does. */
function lose({ tell }: Scene, last: Which): Tamper {
  const isLast = matches(last)
  return (passing, forward) => {
    if (!isLast(passing)) return pass(passing, forward)
    tell('Mallory keeps the second text, and lets pass whatever comes after it.', {
      label: 'kept',
      bytes: passing.bytes,
    })
    withhold(passing, forward)
  }
}

/** As lose(), for a key stream: what comes next must be sealed for the place of what is lost. */
function closeGap({ tell }: Scene, last: Which): Tamper {
  let lost: Uint8Array | null = null
  const isLast = matches(last)
  return (passing, forward) => {
    if (isLast(passing)) {
      lost = passing.body
      tell('Mallory keeps the second text.', { label: 'kept', bytes: passing.bytes })
    } else if (lost !== null && passing.from === 'dialler' && passing.type === RECORD.type) {
      const forged = goodbyeOf(lost)
      tell(
        'Alice leaves. Her goodbye is sealed for a place in the key stream that bob has not reached. But the text that ' +
          'mallory kept began with a length and a type, which she knows, and so she seals a goodbye for that place.',
        { label: 'what alice sent', bytes: passing.bytes },
        {
          label: 'what bob gets',
          bytes: forged,
          marks: [{ from: HEADER_BYTES, to: forged.length, meaning: 'opens as a goodbye there' }],
        },
      )
      forward.onward(forged)
    } else pass(passing, forward)
  }
}
