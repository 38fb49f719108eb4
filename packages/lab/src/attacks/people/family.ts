import type { Family } from '../attack.ts'

export const people: Family = {
  title: 'Who is who',
  attacks: [],
}
