import type { Play, Plays } from '../attack.ts'
import { goBetween } from './go-between.ts'
import type { ChatRung } from '../../rungs.ts'

export const firstContact: Plays = {
  basic: callByName('basic'),
  'textbook-dh': callByName('textbook-dh'),
  'textbook-aes': callByName('textbook-aes'),
  dh: callByName('dh'),
  aes: callByName('aes'),
}

function callByName(rung: ChatRung): Play {
  return scene => goBetween(scene, rung, bob => bob.name)
}
