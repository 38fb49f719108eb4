import { on, reflect } from '@p2p-secure-chat/stage/interference'
import type { ChatRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { meet, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const SAID = 'I will pay for both of us'

export const reflection: Attack = {
  name: 'reflection',
  title: 'Reflecting a message to its sender',
  position: 'man in the middle',
  goal: 'Make alice read her own words as if bob had said them, without knowing what they are.',
  question: 'Mallory sends back to alice what alice has sent. Will alice take it for something that bob said?',
  lesson: `If both directions have the same key, then what alice seals might as well come from bob. Mallory only has \
to send it back to her, and needs neither the key nor the words. The textbook has one key for both directions.

Two things stop it on the AES rung, and either would do alone: each direction has keys of its own, and the tag covers \
a byte that says who speaks. On the DH rung it is the first of these: under the key of the other direction her words \
are noise. Protocols have forgotten this more than once; Bird and others describe reflection against authentication \
(CRYPTO 1991).`,
  against: {
    calc: notApplicable('a question that comes back is no answer'),
    basic: claim('broken', turnRound('basic')),
    'textbook-dh': claim('broken', turnRound('textbook-dh')),
    'textbook-aes': claim('broken', turnRound('textbook-aes')),
    dh: claim('resisted', turnRound('dh')),
    aes: claim('resisted', turnRound('aes')),
  },
}

/**
 * The first text of alice stands where the first one of bob would: it has the same id, the same place in the key stream and,
 * were there no keys and no byte for each direction, the tag that is due.
 */
function turnRound(rung: ChatRung): Play {
  return async scene => {
    const { alice } = await meet(
      scene,
      rung,
      on(carrier(rung), (passing, road) => {
        scene.tell('Mallory sends back what alice sent, byte for byte. Bob never gets it.', {
          label: 'from alice, and to alice',
          bytes: passing.bytes,
        })
        reflect(passing, road)
      }),
    )
    alice.say(SAID)
    const last = await alice.next({ event: 'message', direction: 'in' }, 'closed')
    const heard = textsSeenBy(alice).includes(SAID)
    return verdict(alice, last, heard ? `bob said nothing, and alice reads "${SAID}" as his words` : null)
  }
}
