import type { Family } from '../attack.ts'

export const exchange: Family = {
  title: 'The key exchange',
  attacks: [],
}
