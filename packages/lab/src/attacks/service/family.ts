import type { Family } from '../attack.ts'
import { flood } from './flood.ts'
import { oversizedFrame } from './oversized-frame.ts'
import { slowLoris } from './slow-loris.ts'
import { terminalInjection } from './terminal-injection.ts'

export const service: Family = {
  title: 'The programs themselves',
  attacks: [terminalInjection, oversizedFrame, slowLoris, flood],
}
