import { on } from '@p2p-secure-chat/stage/interference'
import type { ChatRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { getThrough, meet, part, say, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const YESTERDAY = 'yes, sell the house'
const TODAY = 'no, keep the house'

export const splicing: Plays = {
  basic: useOldAnswer('basic'),
  'textbook-dh': useOldAnswer('textbook-dh'),
  'textbook-aes': useOldAnswer('textbook-aes'),
  dh: useOldAnswer('dh'),
  aes: useOldAnswer('aes'),
}

/** Both are the first text of their conversation: all numbers are the same. */
function useOldAnswer(rung: ChatRung): Play {
  return async scene => {
    const { alice, bob, path } = await meet(scene, rung)
    await say(alice, bob, YESTERDAY)
    const old = await path.awaits(carrier(rung))
    scene.tell('Alice and bob talk, and mallory keeps what alice sends.', { label: 'recorded', bytes: old.bytes })
    await part(alice, bob)

    path.interfere(
      on(carrier(rung), ({ bytes }, road) => {
        scene.tell(
          'The next day alice calls again. Mallory puts what she recorded in the place of what alice says now.',
          { label: 'what alice sent', bytes },
          { label: 'what bob gets', bytes: old.bytes },
        )
        road.onward(old.bytes)
      }),
    )
    await getThrough(alice, bob)
    alice.say(TODAY)
    const last = await bob.next({ event: 'message', direction: 'in' }, 'closed')
    const fooled = textsSeenBy(bob)[1] === YESTERDAY
    return verdict(
      bob,
      last,
      fooled ? `alice says "${TODAY}" today, and bob reads "${YESTERDAY}", which was yesterday` : null,
    )
  }
}
