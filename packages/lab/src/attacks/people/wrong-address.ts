import type { ChatRung } from '../../rungs.ts'
import { type Attack, claim, notApplicable, type Play, resisted } from '../attack.ts'
import { befriend } from '../meeting.ts'
import { NO_DIRECTORY } from '../reasons.ts'
import { confide } from './confide.ts'
import { prepareMisdirection } from './misdirection.ts'

export const wrongAddress: Attack = {
  name: 'wrong-address',
  title: 'A directory that names a wrong address',
  position: 'directory',
  goal: 'Make alice, who calls bob, end up in a conversation with somebody else.',
  question:
    'The directory tells alice that bob is where carol is, and then where mallory is. Will she talk to them as bob?',
  lesson: `Whoever runs the directory decides where a call goes. It does not even need an accomplice: it is enough to \
send alice to carol, who is honest and whose key alice knows, and carol reads what was meant for bob.

So a client checks two things about whoever answers, and trusts the directory with neither. The name they prove must \
be the one that was dialled, or else carol could be passed off as bob (wrong-peer). And the key under this name must \
be the one that the client remembers, or else anybody could say that they are bob (key-changed). A name that nobody \
has to prove, as on the basic rung, keeps out carol, who is honest, but not mallory.

It is not enough that each side has met somebody honest: both must mean the same peer. This is what Diffie, van \
Oorschot and Wiener ask of an authenticated key exchange (Authentication and Authenticated Key Exchanges, 1992).`,
  against: {
    calc: notApplicable(NO_DIRECTORY),
    basic: claim('broken', misdirect('basic')),
    'textbook-dh': claim('broken', misdirect('textbook-dh')),
    'textbook-aes': claim('broken', misdirect('textbook-aes')),
    dh: claim('resisted', misdirect('dh')),
    aes: claim('resisted', misdirect('aes')),
  },
}

function misdirect(rung: ChatRung): Play {
  return async scene => {
    const { town, directory, alice, mallory } = await prepareMisdirection(scene, rung)
    const carol = await town.settle('carol')
    await befriend(alice, carol)

    scene.tell('Now it says that bob is where carol is: she is honest, alice knows her, and her client takes the call.')
    directory.lie('bob', carol.address)
    const toCarol = await confide(scene, alice, { client: carol, inTruth: 'carol', refusals: ['wrong-peer'] })
    if (toCarol.result === 'broken') return toCarol
    scene.tell('Now the directory says that bob is where mallory is, who says that she is bob.')
    directory.lie('bob', mallory.address)
    const toMallory = await confide(scene, alice, { client: mallory, inTruth: 'mallory', refusals: ['key-changed'] })
    if (toMallory.result === 'broken') return toMallory
    return resisted('sent to carol, alice is told wrong-peer; sent to mallory, key-changed; neither gets a word')
  }
}
