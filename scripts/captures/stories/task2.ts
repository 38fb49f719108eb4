import type { Story } from '../story.ts'
import { call, enter, hangUp, leave, onBoth, say, send, startClient, startImpostor, startServer } from './steps.ts'

const RUNG = 'basic-p2p'

/** The plain chat: alice waits for bob, they talk; later bob looks for her, first in vain. All of it in the open. */
export const task2: Story = {
  name: 'Task2',
  files: { 'picnic.txt': 'To bring: tea, bread, plums, a blanket.\nNot to bring: rain.\n' },
  keylog: false,
  steps: [
    startServer(RUNG),
    startClient(RUNG, 'alice', { flags: ['--to', 'bob', '--wait', '30'] }),
    ...startImpostor(RUNG, 'bob'),
    // Alice is told that he is there, and calls.
    startClient(RUNG, 'bob', { until: onBoth({ event: 'open' }) }),
    enter('bob', '/who', { bob: [{ event: 'users' }] }),
    say('alice', 'Hi Bob! Shall we meet at the old mill at nine?'),
    say('bob', 'Nine is fine. I bring the tea 🍵'),
    send('alice', 'picnic.txt'),
    leave('alice', { bob: [{ event: 'closed', reason: 'bye' }] }),
    enter('bob', '/chat alice', { bob: [{ event: 'closed', code: 'unknown-user' }] }),
    startClient(RUNG, 'alice'),
    call('bob'),
    say('bob', 'One more thing: which mill?'),
    say('alice', 'The one by the river.'),
    hangUp('bob'),
    leave('alice'),
    leave('bob'),
  ],
}
