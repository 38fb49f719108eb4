import type { Family } from '../attack.ts'
import { bitFlip } from './bit-flip.ts'
import { drop } from './drop.ts'
import { ivFlip } from './iv-flip.ts'
import { paddingOracle } from './padding-oracle.ts'
import { reflection } from './reflection.ts'
import { reorder } from './reorder.ts'
import { replay } from './replay.ts'
import { splicing } from './splicing.ts'
import { truncation } from './truncation.ts'

export const records: Family = {
  title: 'The texts',
  attacks: [bitFlip, ivFlip, paddingOracle, replay, reorder, drop, reflection, truncation, splicing],
}
