import { execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { hasTool } from '../../core/test/support/tools.ts'
import { openTestbed, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))

/** Starts a bot as bob, as a person does in a checkout, in any folder. It ends with the test. */
function startBot(command: string, file: string, { directory, home }: Testbed): void {
  const args = [EXAMPLES + file, '--name', 'bob', '--directory', directory, '--home', home]
  const bot = spawn(command, args, { cwd: home, stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(() => void bot.kill())
}

/** Alice, whom bob has called before, talks to the bot; carol, whom nobody knows, does not get that far. */
async function expectEchoes(command: string, file: string): Promise<void> {
  const testbed = await openTestbed('aes-chat')
  const alice = await testbed.client('alice')
  expect(await testbed.start('bob', '--to', 'alice').finish()).toBe(0)
  startBot(command, file, testbed)
  const carol = testbed.start('carol', '--to', 'bob', '--wait', '10')
  expect(await carol.next('closed')).toMatchObject({ peer: 'bob', code: 'declined' })
  expect(await carol.finish()).toBe(1)

  for (const text of ['hello', 'two\nlines', 'smile 😀']) {
    alice.say(`/json ${JSON.stringify({ to: 'bob', text })}`)
    let answer = await alice.next('message')
    while (answer.direction === 'out') answer = await alice.next('message')
    expect(answer).toMatchObject({ peer: 'bob', text: `you said: ${text}` })
  }
  expect(await alice.finish()).toBe(0)
}

test('the bot in JavaScript answers whom it knows, and nobody else', async () => {
  await expectEchoes(process.execPath, 'echo-bot.mjs')
})

test.skipIf(!hasTool('python3'))('the bot in Python does the same', async () => {
  await expectEchoes('python3', 'echo-bot.py')
})

test.skipIf(!hasTool('systemd-analyze')).each(['chat-server.service', 'echo-bot.service'])(
  'systemd has nothing to say against %s',
  unit => {
    expect(execFileSync('systemd-analyze', ['verify', EXAMPLES + unit], { stdio: 'pipe' }).toString()).toBe('')
  },
)
