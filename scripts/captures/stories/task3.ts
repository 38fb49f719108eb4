import type { Story } from '../story.ts'
import { call, enter, hangUp, leave, say, startClient, startImpostor, startServer } from './steps.ts'

const RUNG = 'dh-chat'

/** The chat with a key exchange: a first contact, a second one with other keys, a third one in another group. */
export const task3: Story = {
  name: 'Task3',
  files: {},
  keylog: true,
  steps: [
    startServer(RUNG),
    startClient(RUNG, 'alice', { flags: ['--keylog', '{keylog}'] }),
    startClient(RUNG, 'bob'),
    ...startImpostor(RUNG, 'bob'),
    enter('alice', '/who', { alice: [{ event: 'users' }] }),
    call('alice'),
    say('alice', 'Hi Bob! Nobody on the way reads this.'),
    say('bob', 'Hi Alice! But somebody might change it.'),
    say('alice', 'Then nine at the mill, whatever you read.'),
    hangUp('alice'),
    call('bob'),
    say('bob', 'The same two people, and all keys are new.'),
    say('alice', 'Hi Bob! Nobody on the way reads this.'),
    hangUp('bob'),
    leave('bob'),
    // He insists on a group that alice offers, and does not offer first.
    startClient(RUNG, 'bob', { flags: ['--group', 'ffdhe2048'] }),
    call('alice'),
    say('alice', 'Another group today?'),
    hangUp('alice'),
    leave('alice'),
    leave('bob'),
  ],
}
