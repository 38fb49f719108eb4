import type { Family } from '../attack.ts'
import { ivFlip } from './iv-flip.ts'

export const records: Family = {
  title: 'What is said',
  attacks: [ivFlip],
}
