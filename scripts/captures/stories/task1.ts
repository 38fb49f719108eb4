import { HOSTS } from '@p2p-secure-chat/stage/hosts'
import type { Step, Story } from '../story.ts'
import { startServer } from './steps.ts'

function startCalculator(who: 'alice' | 'bob'): Step {
  return {
    does: 'start',
    who,
    on: who,
    bin: '@p2p-secure-chat/calculator/bin/client',
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
export const task1: Story = {
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
