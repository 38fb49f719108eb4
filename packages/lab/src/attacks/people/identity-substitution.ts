import type { ChatRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { befriend, gather } from '../meeting.ts'
import { confide } from './confide.ts'
import { malloryIn } from './mallorys-town.ts'

export const identitySubstitution: Attack = {
  name: 'identity-substitution',
  title: 'Answering in the place of a friend',
  position: 'man in the middle',
  goal: 'Answer in the place of bob, with whom alice has talked before, and be told what was meant for him.',
  question: 'Alice and bob talked yesterday. Today mallory answers in his place. Will alice notice?',
  lesson: `Where nobody has a key, yesterday means nothing: every conversation is a first contact, and alice's client \
takes whoever answers for the one she meant. An unauthenticated Diffie-Hellman exchange does not change that: it makes \
a secret with somebody, and does not say with whom.

Where there are keys, alice's client has remembered bob's since they talked. Whoever answers has to sign this very \
handshake with that key, and mallory cannot. The client refuses before it has shown who is calling, and says which key \
it expected: key-changed. It may also be bob with a new computer. Only bob can say, over another channel, and then \
alice makes room for his new key with /forget.`,
  against: {
    calc: notApplicable('a calculator has no identity: whatever answers is a calculator'),
    basic: claim('broken', substitute('basic')),
    'textbook-dh': claim('broken', substitute('textbook-dh')),
    'textbook-aes': claim('broken', substitute('textbook-aes')),
    dh: claim('resisted', substitute('dh')),
    aes: claim('resisted', substitute('aes')),
  },
}

function substitute(rung: ChatRung): Play {
  return async scene => {
    const [{ alice, bob, path }, mallory] = await Promise.all([
      gather(scene, rung),
      malloryIn(scene, rung).then(hers => hers.answerAs('bob')),
    ])
    scene.tell('Alice and bob talk, and mallory lets them.')
    await befriend(alice, bob)
    scene.tell('Alice calls bob again. This time her connection leads to mallory, whose client says that it is bob.')
    path.forwardTo(mallory.address)
    return confide(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
  }
}
