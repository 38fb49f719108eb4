import type { Family } from '../attack.ts'

export const service: Family = {
  title: 'The programs themselves',
  attacks: [],
}
