import { formatInvite } from '@p2p-secure-chat/basic-p2p/directory/invite'
import type { SecureRung } from '../../rungs.ts'
import type { Play, Plays } from '../attack.ts'
import { goBetween } from './go-between.ts'
import { fingerprintOf } from './fingerprint-of.ts'

export const invitedContact: Plays = {
  dh: callByInvite('dh'),
  aes: callByInvite('aes'),
}

function callByInvite(rung: SecureRung): Play {
  return scene =>
    goBetween(scene, rung, (bob, { directory }) => {
      const invite = formatInvite({ name: bob.name, directory, fingerprint: fingerprintOf(bob) })
      scene.tell(`Bob has given alice an invite on a slip of paper: ${invite}`)
      return invite
    })
}
