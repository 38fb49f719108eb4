import { type HostName, HOSTS } from '@p2p-secure-chat/stage/own-network'
import type { Step, Story } from '../story.ts'
import { enter, leave, onBoth } from './steps.ts'

const SERVER = `${HOSTS.server.address}:12345`

/** Both exponents of the textbook's own example, so that its numbers are on the wire: 8, 19, and 2 as the secret. */
const EXPONENTS = { alice: '6', bob: '15' }

function location(who: 'alice' | 'bob', port: number): readonly string[] {
  return ['--listen', `${HOSTS[who].address}:${port}`, '--directory', SERVER]
}

function join(who: 'alice' | 'bob', port: number, step: string): Step {
  return {
    does: 'start',
    who,
    on: who,
    program: 'textbook',
    flags: [...location(who, port), '--name', who, '--step', step, '--exponent', EXPONENTS[who]],
    until: { [who]: [{ event: 'ready' }] },
  }
}

function say(who: HostName, text: string): Step {
  return enter(who, text, { [who === 'alice' ? 'bob' : 'alice']: [{ event: 'message', direction: 'in', text }] })
}

/** One who is done says so, and so does the other one. */
const end = (who: HostName) => enter(who, 'EOM', onBoth({ event: 'closed' }))

/**
 * The textbook's format: a chat that agrees on a secret and does not use it, and one that encrypts with it. In the second
 * alice takes calls at the port of IMAP.
 */
export const legacy: Story = {
  name: 'Legacy',
  files: {},
  keylog: false,
  steps: [
    {
      does: 'start',
      who: 'server',
      on: 'server',
      program: 'textbook',
      flags: ['--listen', SERVER],
      until: { server: [{ event: 'listening' }] },
    },
    join('alice', 5_001, 'plain'),
    join('bob', 5_002, 'plain'),
    enter('alice', 'Get Users', { alice: [{ event: 'users' }] }),
    enter('bob', 'chat alice', onBoth({ event: 'open' })),
    say('bob', 'Hello Alice, we have exchanged keys now.'),
    say('alice', 'Good. Then nobody can read that I hid the spare key under the blue pot.'),
    end('bob'),
    leave('alice'),
    leave('bob'),
    join('alice', 143, 'aes'),
    join('bob', 5_002, 'aes'),
    enter('bob', 'chat alice', onBoth({ event: 'open' })),
    say('bob', 'Hello Alice, now it is AES with 256 bits.'),
    say('alice', 'Very good: the spare key is under the red pot now.'),
    say('bob', 'Nobody will guess a key of 256 bits 🔑'),
    end('alice'),
    leave('alice'),
    leave('bob'),
  ],
}

const BOB = `${HOSTS.bob.address}:40003`

/** A conversation of the aes rung in a group that anyone can break: it shares only its form with the real ones. */
export const toy: Story = {
  name: 'Toy',
  files: {},
  keylog: false,
  steps: [
    {
      does: 'start',
      who: 'bob',
      on: 'bob',
      program: 'chat-lab',
      flags: ['toy', '--listen', BOB],
      until: { bob: [{ line: `listening on ${BOB}` }] },
    },
    {
      does: 'start',
      who: 'alice',
      on: 'alice',
      program: 'chat-lab',
      flags: ['toy', '--to', BOB],
      until: onBoth({ line: 'the conversation is over' }),
    },
    leave('alice'),
    leave('bob'),
  ],
}
