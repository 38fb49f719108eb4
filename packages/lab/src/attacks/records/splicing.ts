import { on } from '@p2p-secure-chat/stage/interference'
import type { ChatRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { getThrough, meet, part, say, textsSeenBy } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

const YESTERDAY = 'yes, sell the house'
const TODAY = 'no, keep the house'

export const splicing: Attack = {
  name: 'splicing',
  title: 'Splicing conversations',
  position: 'man in the middle',
  goal: 'Make bob read today what alice said yesterday, without knowing what it is.',
  question: "Mallory recorded how alice answered yesterday. Can she put that in place of today's answer?",
  lesson: `Numbers start anew with every conversation: yesterday's first record and today's have the same one. So the \
key must tell them apart. The textbook keeps one exponent for as long as its program runs: the two have the same key \
every time, and what was sealed for one conversation opens in every other.

Our handshake draws fresh exponents on both sides for each connection, even where a conversation goes on after a cut, \
and the keys come from a hash of the whole handshake (as in TLS, RFC 8446 section 7.1). So each conversation has keys \
that no other one has. On the DH rung an old record turns into noise, on the AES rung its tag is wrong.`,
  against: {
    calc: notApplicable("yesterday's answer to a question is today's as well"),
    basic: claim('broken', useOldAnswer('basic')),
    'textbook-dh': claim('broken', useOldAnswer('textbook-dh')),
    'textbook-aes': claim('broken', useOldAnswer('textbook-aes')),
    dh: claim('resisted', useOldAnswer('dh')),
    aes: claim('resisted', useOldAnswer('aes')),
  },
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
