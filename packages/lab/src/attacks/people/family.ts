import type { Family } from '../attack.ts'
import { firstContact } from './first-contact.ts'
import { identitySubstitution } from './identity-substitution.ts'
import { invitedContact } from './invited-contact.ts'
import { nameHijack } from './name-hijack.ts'
import { stolenKeyFuture } from './stolen-key-future.ts'
import { stolenKeyPast } from './stolen-key-past.ts'
import { wrongAddress } from './wrong-address.ts'
import { wrongKey } from './wrong-key.ts'

export const people: Family = {
  title: 'Who is who',
  attacks: [
    nameHijack,
    wrongAddress,
    wrongKey,
    firstContact,
    invitedContact,
    identitySubstitution,
    stolenKeyPast,
    stolenKeyFuture,
  ],
}
