import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { goBetween } from './go-between.ts'
import type { ChatRung } from '../../rungs.ts'

export const firstContact: Attack = {
  name: 'first-contact',
  title: 'In the middle of a first contact',
  position: 'man in the middle',
  goal: 'Read what alice and bob say, who never talked before: answer her as bob, and call him as alice.',
  question: 'Alice calls bob for the first time. Can mallory sit in the middle?',
  lesson: `Yes. A signature shows that whoever answers has a certain key. To somebody who has never seen bob's key, it \
cannot show that this one is his. Alice's client takes it on trust, as ssh does (RFC 4251, section 4.1), remembers it, \
and says so: "new". Mallory shares one secret with alice and another one with bob, decrypts, reads, and encrypts \
again.

What gives her away is that the two see different keys. The safety number is made of both keys, so it differs as well: \
compare it aloud, or side by side, and then say so with /verify. Mallory can change what crosses the wire, but not \
what they say to each other at a table. She also has to stay forever: the first call that she misses ends with \
key-changed.

Better still is to have the fingerprint beforehand: see invited-contact.`,
  against: {
    calc: notApplicable('nobody tells a calculator a secret'),
    basic: claim('broken', callByName('basic')),
    'textbook-dh': claim('broken', callByName('textbook-dh')),
    'textbook-aes': claim('broken', callByName('textbook-aes')),
    dh: claim('broken', callByName('dh')),
    aes: claim('broken', callByName('aes')),
  },
}

function callByName(rung: ChatRung): Play {
  return scene => goBetween(scene, rung, bob => bob.name)
}
