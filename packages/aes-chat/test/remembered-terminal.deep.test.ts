// oxlint-disable no-control-regex -- colours are escape sequences
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, runBin } from '../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../core/test/support/screen/screen.ts'
import { openTestbed, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'

const UP = '\u001b[A'

async function aliceAtTerminal(
  { directory, home }: Testbed,
  env: Readonly<Record<string, string>> = {},
): Promise<Screen> {
  await identityFor(home, 'alice')
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), '--name', 'alice', '--directory', directory, '--home', home],
    cols: 100,
    rows: 60,
    env,
  })
  onTestFinished(() => screen.kill())
  await screen.until(lastRow('alice>'))
  return screen
}

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text

async function quit(screen: Screen): Promise<void> {
  screen.type('\u0003\u0003')
  expect(await screen.exit).toBe(0)
}

test('commands come back after a restart, and no text is on the disk', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const first = await aliceAtTerminal(testbed)
  first.type('/chat bob\r')
  await first.until(lastRow('alice to bob (new)>'))
  first.type('the first secret\r/msg bob the second secret\r/mgs bob the third secret\r/who\r')
  await bob.next('message')
  await first.until('there is no /mgs')
  first.type(UP)
  await first.until(lastRow('alice to bob (new)> /who'))
  first.type(UP.repeat(3))
  await first.until(lastRow('alice to bob (new)> the first secret'))
  first.type('\u0003\u0003\u0003')
  await first.exit
  const file = join(testbed.home, 'alice', 'history')
  expect(await readFile(file, 'utf8')).toBe('/chat bob\n/who\n')
  expect((await stat(file)).mode & 0o777).toBe(0o600)

  const second = await aliceAtTerminal(testbed)
  second.type(UP)
  await second.until(lastRow('alice> /who'))
  second.type(UP)
  await second.until(lastRow('alice> /chat bob'))
  second.type('\u0003')
  await quit(second)
})

test('settings come back after a restart', async () => {
  const testbed = await openTestbed('aes-chat')
  const first = await aliceAtTerminal(testbed)
  first.type('/set times on\r/set bell on\r')
  await first.until('bell is on')
  await quit(first)
  expect((await stat(join(testbed.home, 'alice', 'settings'))).mode & 0o777).toBe(0o600)
  const second = await aliceAtTerminal(testbed)
  second.type('/set\r')
  await second.until('times  on ')
  await second.until('bell   on ')
  await quit(second)
})

test('files that are bad, unreadable or unwritable are one warning each, and the chat goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  await quit(await aliceAtTerminal(testbed))
  const folder = join(testbed.home, 'alice')
  await writeFile(join(folder, 'settings'), '{"times":"never"}')
  await mkdir(join(folder, 'history'))
  const alice = await aliceAtTerminal(testbed)
  await alice.until('settings is not a settings file: the defaults apply')
  await alice.until('entered commands are not saved: ')
  alice.type('/who\r/who al\r')
  await alice.until(rows => rows.filter(row => row === 'alice').length === 2)
  expect(
    alice
      .lines()
      .join('\n')
      .match(/not saved/g),
  ).toHaveLength(1)
  await rm(join(folder, 'settings'))
  await mkdir(join(folder, 'settings'))
  alice.type('/set times on\r')
  await alice.until(
    /* what the system says stands between */ rows => rows.some(row => /^! error: .*settings/.test(row)),
  )
  await alice.until('(unwritable)')
  await quit(alice)
})

test('a history that can not be written is one warning, and the chat goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  await quit(await aliceAtTerminal(testbed))
  await mkdir(join(testbed.home, 'alice', 'history.new'))
  const alice = await aliceAtTerminal(testbed)
  alice.type('/who\r')
  await alice.until('entered commands are not saved: ')
  alice.type('/who al\r')
  await alice.until(rows => rows.filter(row => row === 'alice').length === 2)
  await quit(alice)
  expect(
    alice
      .lines()
      .join('\n')
      .match(/not saved/g),
  ).toHaveLength(1)
})

test('/help has every command of this rung in lines that fit, and says more about each', async () => {
  const testbed = await openTestbed('aes-chat')
  const input = '/help\n/help verify\n/help peers\n/help forget\n/help invite\n/help log\n'
  const { stdout } = await testbed.pipe('alice', [], { input }).ended()
  for (const name of ['verify', 'peers', 'forget', 'invite', 'log', 'block', 'unblock', 'set']) {
    expect(stdout).toMatch(new RegExp(`^ {2}/${name}\\b`, 'm'))
  }
  const help = stdout.slice(stdout.indexOf('talking:'))
  for (const line of help.split('\n')) expect(line.length).toBeLessThan(80)
  expect(help.match(/^usage: [^]*?\.\nexample: \/.*$/gm)).toHaveLength(5)
})

test.each([
  ['in colours', {}],
  ['in words alone', { NO_COLOR: '1' }],
])('the prompt says new, known, verified and interrupted %s', async (_, env) => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const colour = (code: number, words: string) => ('NO_COLOR' in env ? words : `\u001b[${code}m${words}`)
  const until = async (alice: Screen, state: string, code: number) => {
    await alice.until(lastRow(`alice to bob (${state})>`))
    expect(alice.written()).toContain(`alice ${colour(code, 'to ')}`)
    if ('NO_COLOR' in env) expect(alice.written()).not.toMatch(/\u001b\[[\d;]*m/)
  }
  const first = await aliceAtTerminal(testbed, env)
  first.type('/chat bob\r')
  await until(first, 'new', 33)
  first.type('/leave\r')
  await first.until(lastRow('alice>'))
  first.type('/chat bob\r')
  await until(first, 'known', 33)
  first.type('/verify\r')
  await first.until(lastRow('yes or no?'))
  first.type('yes\r')
  await until(first, 'verified', 32)
  bob.kill('SIGKILL')
  await until(first, 'interrupted', 31)
  await quit(first)
})

test('a remembered wish for plain lines counts at the questions of the next run', async () => {
  const testbed = await openTestbed('aes-chat')
  const args = ['--directory', testbed.directory, '--name', 'alice', '--home', testbed.home]
  const passphrase = join(testbed.home, 'passphrase')
  await writeFile(passphrase, 'correct horse')
  await runBin('chat-client', [...args, '--passphrase-file', passphrase], { input: '' })
  await writeFile(join(testbed.home, 'alice', 'settings'), '{"plain": true}')
  const alice = openScreen({ command: process.execPath, args: [binPath('chat-client'), ...args], cols: 100 })
  onTestFinished(() => alice.kill())
  await alice.until(lastRow("Passphrase of alice's key:"))
  alice.type('correct horse\r')
  await alice.until('/help lists all commands')
  alice.type('\u0004')
  expect(await alice.exit).toBe(0)
  expect(alice.written()).not.toMatch(/\u001b|horse/)
})
