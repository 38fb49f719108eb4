import type { SecureRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { NO_DIRECTORY } from '../reasons.ts'
import { confide } from './confide.ts'
import { fingerprintOf } from './fingerprint-of.ts'
import { prepareMisdirection } from './misdirection.ts'

const NO_KEYS = 'nobody has a key there; see wrong-address'

export const wrongKey: Attack = {
  name: 'wrong-key',
  title: 'A directory that vouches for a wrong key',
  position: 'directory',
  goal: "Make alice take mallory's key for bob's, on the word of the directory.",
  question: 'The directory says that bob has a new key, and that mallory is where he is. Will alice believe it?',
  lesson: `The card that a directory gives of somebody has the fingerprint of their key in it. It is only a hint: \
whoever can lie about an address can lie about a fingerprint too, and make the two lies fit together.

A client of this project decides by its own memory of keys, by what a person has compared (/verify), or by an invite. \
If a server that hands out keys is to be trusted, something else has to keep it honest: a log of all that it ever \
said, which everybody can check (Melara and others, CONIKS: Bringing Key Transparency to End Users, USENIX Security \
2015).`,
  against: {
    calc: notApplicable(NO_DIRECTORY),
    basic: notApplicable(NO_KEYS),
    'textbook-dh': notApplicable(NO_KEYS),
    'textbook-aes': notApplicable(NO_KEYS),
    dh: claim('resisted', vouch('dh')),
    aes: claim('resisted', vouch('aes')),
  },
}

function vouch(rung: SecureRung): Play {
  return async scene => {
    const { directory, alice, mallory } = await prepareMisdirection(scene, rung)
    const fingerprint = fingerprintOf(mallory)
    scene.tell(
      'Now its card of bob has the address of mallory and the fingerprint of her key in it: the two fit together, and the ' +
        'handshake will show the very key that the directory promised.',
      { label: 'the fingerprint on the card', bytes: Buffer.from(fingerprint, 'base64url') },
    )
    directory.lie('bob', { ...mallory.address, fingerprint })
    return confide(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
  }
}
