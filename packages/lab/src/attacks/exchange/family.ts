import type { Family } from '../attack.ts'
import { invalidPublicValue } from './invalid-public-value.ts'
import { mitm } from './mitm.ts'

export const exchange: Family = {
  title: 'The key exchange',
  attacks: [mitm, invalidPublicValue],
}
