import type { Family } from '../attack.ts'
import { oversizedFrame } from './oversized-frame.ts'
import { terminalInjection } from './terminal-injection.ts'

export const service: Family = {
  title: 'The programs themselves',
  attacks: [terminalInjection, oversizedFrame],
}
