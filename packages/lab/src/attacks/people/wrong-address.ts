import type { ChatRung } from '../../rungs.ts'
import { type Play, type Plays, resisted } from '../attack.ts'
import { befriend } from '../meeting.ts'
import { confide } from './confide.ts'
import { prepareMisdirection } from './misdirection.ts'

export const wrongAddress: Plays = {
  basic: misdirect('basic'),
  'textbook-dh': misdirect('textbook-dh'),
  'textbook-aes': misdirect('textbook-aes'),
  dh: misdirect('dh'),
  aes: misdirect('aes'),
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
