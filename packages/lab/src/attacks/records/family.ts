import type { Family } from '../attack.ts'
import { drop } from './drop.ts'
import { ivFlip } from './iv-flip.ts'
import { reflection } from './reflection.ts'
import { truncation } from './truncation.ts'

export const records: Family = {
  title: 'What is said',
  attacks: [ivFlip, drop, reflection, truncation],
}
