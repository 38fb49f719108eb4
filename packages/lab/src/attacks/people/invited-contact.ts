import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import type { SecureRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play } from '../attack.ts'
import { goBetween } from './go-between.ts'
import { fingerprintOf } from './fingerprint-of.ts'

const NO_KEYS = 'nobody has a key there, so there is no fingerprint for an invite'

export const invitedContact: Attack = {
  name: 'invited-contact',
  title: 'In the middle of a first contact with an invite',
  position: 'man in the middle',
  goal: 'Read what alice and bob say, who never talked before, although alice has an invite from bob.',
  question:
    'This time bob has given alice an invite: one line, in which the fingerprint of his key stands. Can mallory sit in the middle?',
  lesson: `An invite names the person, the directory, and the fingerprint of the key: chat:bob@HOST:PORT#FINGERPRINT. \
From the first call on, the client takes no other key under this name. It refuses before it has shown who is calling.

An invite is only as good as the way by which it came. Mallory, who can change what crosses the wire, must not be able \
to change the invite as well: hand it over on paper, as a QR code from screen to screen, or over something that you \
trust already. That a name should carry the key with it is an old idea (Mazieres and others, Separating key management \
from file system security, SOSP 1999).`,
  against: {
    calc: notApplicable(NO_KEYS),
    basic: notApplicable(NO_KEYS),
    'textbook-dh': notApplicable(NO_KEYS),
    'textbook-aes': notApplicable(NO_KEYS),
    dh: claim('resisted', callByInvite('dh')),
    aes: claim('resisted', callByInvite('aes')),
  },
}

function callByInvite(rung: SecureRung): Play {
  return scene =>
    goBetween(scene, rung, (bob, { directory }) => {
      const invite = formatInvite({ name: bob.name, directory, fingerprint: fingerprintOf(bob) })
      scene.tell(`Bob has given alice an invite on a slip of paper: ${invite}`)
      return invite
    })
}
