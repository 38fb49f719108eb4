import { HOSTS } from '@p2p-secure-chat/stage/hosts'
import type { Story } from '../story.ts'
import { leave, onBoth } from './steps.ts'

const BIN = '@p2p-secure-chat/lab/bin/chat-lab'
const BOB = `${HOSTS.bob.address}:40003`

/** A conversation of the aes rung in a group that anybody can break: all that it has is the form of the real ones. */
export const toy: Story = {
  name: 'Toy',
  files: {},
  keylog: false,
  steps: [
    {
      does: 'start',
      who: 'bob',
      on: 'bob',
      bin: BIN,
      flags: ['toy', '--listen', BOB],
      until: { bob: [{ line: `listening on ${BOB}` }] },
    },
    {
      does: 'start',
      who: 'alice',
      on: 'alice',
      bin: BIN,
      flags: ['toy', '--to', BOB],
      until: onBoth({ line: 'the conversation is over' }),
    },
    leave('alice'),
    leave('bob'),
  ],
}
