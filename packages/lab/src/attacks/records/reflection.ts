import { on, reflect } from '@p2p-secure-chat/stage/interference'
import type { ChatRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { meet, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const SAID = 'I will pay for both of us'

export const reflection: Plays = {
  basic: turnRound('basic'),
  'textbook-dh': turnRound('textbook-dh'),
  'textbook-aes': turnRound('textbook-aes'),
  dh: turnRound('dh'),
  aes: turnRound('aes'),
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
