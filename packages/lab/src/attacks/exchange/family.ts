import type { Family } from '../attack.ts'
import { mitm } from './mitm.ts'

export const exchange: Family = {
  title: 'The key exchange',
  attacks: [mitm],
}
