import type { SecureRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { confide } from './confide.ts'
import { fingerprintOf } from './fingerprint-of.ts'
import { prepareMisdirection } from './misdirection.ts'

export const wrongKey: Plays = {
  dh: vouch('dh'),
  aes: vouch('aes'),
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
