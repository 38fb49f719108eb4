import type { Story } from '../story.ts'
import { call, enter, hangUp, leave, onBoth, say, send, startClient, startServer } from './steps.ts'

const RUNG = 'aes-chat'

/** Texts that fill one bucket after the other: the directions to the mill, more of them each time. */
const WAY = 'Follow the river until you see the tower, cross the old bridge, and take the path on the left. '

/** The chat with sealed records: texts of all sizes, a file, a cut connection, and later a second conversation. */
export const task4: Story = {
  name: 'Task4',
  files: {
    'map.txt': Array.from({ length: 12 }, (_, row) => `${'~'.repeat(row)}river${'.'.repeat(40 - row)}mill\n`).join(''),
  },
  keylog: true,
  steps: [
    startServer(RUNG),
    startClient(RUNG, 'alice', { flags: ['--keylog', '{keylog}'] }),
    startClient(RUNG, 'bob'),
    enter('alice', '/chat carol', { alice: [{ event: 'closed', code: 'unknown-user' }] }),
    call('alice'),
    say('alice', 'Hi'),
    say('bob', 'Hi Alice! How do I find the mill? 🧭'),
    say('alice', WAY),
    say('alice', WAY.repeat(2).trim()),
    say('bob', WAY.repeat(5).trim()),
    say('alice', WAY.repeat(10).trim()),
    say('bob', '👍🏽 مرحبا 你好'),
    send('bob', 'map.txt'),
    { does: 'reset', on: 'alice', to: 'bob', until: onBoth({ event: 'resumed' }) },
    say('alice', 'Where were we?'),
    say('bob', 'At the old bridge.'),
    hangUp('alice'),
    call('bob'),
    say('bob', 'The same key as before, and all others are new.'),
    hangUp('bob'),
    leave('bob'),
    leave('alice'),
  ],
}
