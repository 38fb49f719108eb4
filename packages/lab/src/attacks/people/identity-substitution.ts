import type { ChatRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { befriend, gather } from '../meeting.ts'
import { confide } from './confide.ts'
import { malloryIn } from './mallorys-town.ts'

export const identitySubstitution: Plays = {
  basic: substitute('basic'),
  'textbook-dh': substitute('textbook-dh'),
  'textbook-aes': substitute('textbook-aes'),
  dh: substitute('dh'),
  aes: substitute('aes'),
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
