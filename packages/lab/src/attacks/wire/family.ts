import type { Family } from '../attack.ts'
import { eavesdropping } from './eavesdropping.ts'

export const wire: Family = {
  title: 'What the wire shows',
  attacks: [eavesdropping],
}
