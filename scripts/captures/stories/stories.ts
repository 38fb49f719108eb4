import { HOSTS } from '@p2p-secure-chat/stage/own-network'
import type { Step, Story } from '../story.ts'
import { legacy, toy } from './weak-stories.ts'
import { call, enter, hangUp, leave, onBoth, say, send, startClient, startImpostor, startServer } from './steps.ts'

function startCalculator(who: 'alice' | 'bob'): Step {
  return {
    does: 'start',
    who,
    on: who,
    program: 'calc-client',
    flags: ['--host', HOSTS.server.address, '--json'],
    until: {},
  }
}

/** Asks one after the other, each as soon as the answer before it is there. */
function askInTurn(who: 'alice' | 'bob', expressions: readonly string[]): readonly Step[] {
  return expressions.map(expression => ({
    does: 'enter',
    who,
    lines: [expression],
    until: { [who]: [{ expression }] },
  }))
}

/** Asks all at once and waits for all answers. */
function askAtOnce(who: 'alice' | 'bob', expressions: readonly string[]): Step {
  return { does: 'enter', who, lines: expressions, until: { [who]: expressions.map(expression => ({ expression })) } }
}

/** The calculator: alice asks in turn, with a mistake in between; bob does not wait for the answers. */
const task1: Story = {
  name: 'Task1',
  files: {},
  keylog: false,
  steps: [
    startServer('calculator'),
    startCalculator('alice'),
    ...askInTurn('alice', ['2 + 3 * 4', '2 + (3 * 4)', '0.1 + 0.2', '7 / (5 - 5)', '7 / 2']),
    startCalculator('bob'),
    askAtOnce('bob', ['1 + 1', '10 % 4', '12345678901234567890123 + 1', '2 +', '-(8 - 10) * 21']),
    { does: 'leave', who: 'bob', exitCode: 1, until: {} },
    ...askInTurn('alice', ['1 / 3']),
    { does: 'leave', who: 'alice', exitCode: 1, until: {} },
  ],
}

const BASIC = 'basic-p2p'

/** The plain chat: alice waits for bob, they talk; later bob looks for her, first in vain. All of it in the open. */
const task2: Story = {
  name: 'Task2',
  files: { 'picnic.txt': 'To bring: tea, bread, plums, a blanket.\nNot to bring: rain.\n' },
  keylog: false,
  steps: [
    startServer(BASIC),
    startClient(BASIC, 'alice', { flags: ['--to', 'bob', '--wait', '30'] }),
    ...startImpostor(BASIC, 'bob'),
    // Alice learns that he is there, and calls.
    startClient(BASIC, 'bob', { until: onBoth({ event: 'open' }) }),
    enter('bob', '/who', { bob: [{ event: 'users' }] }),
    say('alice', 'Hi Bob! Shall we meet at the old mill at nine?'),
    say('bob', 'Nine is fine. I bring the tea 🍵'),
    send('alice', 'picnic.txt'),
    leave('alice', { bob: [{ event: 'closed', reason: 'bye' }] }),
    enter('bob', '/chat alice', { bob: [{ event: 'closed', code: 'unknown-user' }] }),
    startClient(BASIC, 'alice'),
    call('bob'),
    say('bob', 'One more thing: which mill?'),
    say('alice', 'The one by the river.'),
    hangUp('bob'),
    leave('alice'),
    leave('bob'),
  ],
}

const DH = 'dh-chat'

/** The chat with a key exchange: a first contact, a second one with other keys, a third one in another group. */
const task3: Story = {
  name: 'Task3',
  files: {},
  keylog: true,
  steps: [
    startServer(DH),
    startClient(DH, 'alice', { flags: ['--keylog', '{keylog}'] }),
    startClient(DH, 'bob'),
    ...startImpostor(DH, 'bob'),
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
    startClient(DH, 'bob', { flags: ['--group', 'ffdhe2048'] }),
    call('alice'),
    say('alice', 'Another group today?'),
    hangUp('alice'),
    leave('alice'),
    leave('bob'),
  ],
}

const AES = 'aes-chat'

/** Texts that fill one bucket after the other: the directions to the mill, more of them each time. */
const WAY = 'Follow the river until you see the tower, cross the old bridge, and take the path on the left. '

/** The chat with sealed records: texts of all sizes, a file, a cut connection, and later a second conversation. */
const task4: Story = {
  name: 'Task4',
  files: {
    'map.txt': Array.from({ length: 12 }, (_, row) => `${'~'.repeat(row)}river${'.'.repeat(40 - row)}mill\n`).join(''),
  },
  keylog: true,
  steps: [
    startServer(AES),
    startClient(AES, 'alice', { flags: ['--keylog', '{keylog}'] }),
    startClient(AES, 'bob'),
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

/** All that is recorded, in this order. */
export const STORIES: readonly Story[] = [task1, task2, task3, task4, legacy, toy]
