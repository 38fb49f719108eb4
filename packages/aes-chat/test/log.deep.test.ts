import { execFileSync, spawn } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, runBin } from '../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../core/test/support/screen/screen.ts'
import { loadOrCreateIdentity } from '../../dh-chat/src/identity/identity-file.ts'
import { openTestbed, temporaryFolder, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'
import { keep } from '../../dh-chat/test/support/log-file.ts'

const PASSPHRASE = 'correct horse'

/** A file that holds a passphrase. */
function passphraseFile(passphrase = PASSPHRASE): string {
  const path = join(temporaryFolder(), 'passphrase')
  writeFileSync(path, `${passphrase}\n`)
  return path
}

const unlocked = () => ['--passphrase-file', passphraseFile()]

const logOf = ({ home }: Testbed, name = 'alice') => join(home, name, 'log')

/** Prints a log as a person does in a shell. */
const printed = ({ home }: Testbed, args: readonly string[] = [], bin = 'chat-client') =>
  runBin(bin, ['log', '--name', 'alice', '--home', home, ...unlocked(), ...args])

/** The lines of a printed log without the times, which are checked. */
function words(stdout: string): string[] {
  const lines = stdout.split('\n').slice(0, -1)
  return lines.map(line => {
    expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /)
    return line.slice(20).replace(/[\w-]{43}/, 'KEY')
  })
}

/** Alice calls bob from a script, with the log on, and says that. */
async function aliceSays(testbed: Testbed, ...texts: string[]): Promise<void> {
  const lines = ['/log on', ...texts].map(line => `${line}\n`).join('')
  const alice = testbed.pipe('alice', ['--to', 'bob', '--wait', '10', ...unlocked()], { input: lines })
  const { code, stderr } = await alice.ended()
  expect([code, stderr]).toEqual([0, expect.stringContaining('the log is on')])
}

test.each(['aes-chat', 'dh-chat'] as const)('%s keeps what is said both ways, from run to run', async rung => {
  const testbed = await openTestbed(rung)
  const bob = await testbed.client('bob')
  await aliceSays(testbed, 'hello', 'second')
  const alice = testbed.start('alice', '--to', 'bob', '--wait', '10', ...unlocked())
  await alice.next('open')
  bob.say('/json {"to":"alice","text":"two\\nlines"}')
  await alice.next('message')
  await alice.finish()
  const { code, stdout, stderr } = await printed(testbed, [], `${rung}-client`)
  expect([code, stderr]).toEqual([0, ''])
  expect(words(stdout.replaceAll('\n  ', ' / '))).toEqual([
    'alice to bob: hello',
    'alice to bob: second',
    '* conversation with bob ended (bye)',
    '* conversation with bob (known, KEY)',
    'bob: two / lines',
    '* conversation with bob ended (bye)',
  ])
  expect(statSync(logOf(testbed)).mode & 0o777).toBe(0o600)
  expect(existsSync(logOf(testbed, 'bob')), 'off by default').toBe(false)
})

test('as JSON it has the events, with one peer or all', async () => {
  const testbed = await openTestbed('aes-chat')
  const [bob, carol] = await Promise.all([testbed.client('bob'), testbed.client('carol')])
  await aliceSays(testbed, 'to bob', '/msg carol to carol')
  const { stdout } = await printed(testbed, ['--json', '--with', 'carol'])
  const events = stdout
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  const { id } = await carol.next('message')
  const { fingerprint } = carol.events.find(event => event.event === 'ready') ?? {}
  const common = { v: 1, at: expect.stringMatching(/^\d{4}-.*Z$/), peer: 'carol', fingerprint }
  expect(events).toEqual([
    { event: 'open', ...common, identity: 'new' },
    { event: 'message', ...common, direction: 'out', id, text: 'to carol' },
    { event: 'closed', ...common, reason: 'bye', code: null },
  ])
  const all = await printed(testbed, ['--json'])
  expect(all.stdout.split('\n').filter(line => line.includes('"message"'))).toHaveLength(2)
  expect(await bob.finish()).toBe(0)
})

test('a tampered log ends with 3, names the place, and shows what is whole', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('bob')
  await aliceSays(testbed, 'first', 'second', 'third')
  const file = readFileSync(logOf(testbed))
  // Behind the magic, the beginning of the run and an entry.
  const at = 8 + 77 + 317
  file.writeUInt8(file.readUInt8(at + 50) ^ 1, at + 50)
  writeFileSync(logOf(testbed), file)
  const { code, stdout, stderr } = await printed(testbed)
  expect([code, stderr]).toEqual([
    3,
    expect.stringMatching(new RegExp(`^error: .* first at byte ${at};.* \\(bad-log\\)`)),
  ])
  expect(words(stdout)).toEqual(['alice to bob: first', 'alice to bob: third', '* conversation with bob ended (bye)'])
  const json = await printed(testbed, ['--json'])
  expect(json.code).toBe(3)
  expect(JSON.parse(json.stdout.split('\n').at(-2) ?? '')).toMatchObject({ v: 1, event: 'error', code: 'bad-log' })
})

test('another passphrase changes nothing about the log', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('bob')
  await aliceSays(testbed, 'said before')
  const pem = join(testbed.home, 'alice', 'identity.pem')
  const key = createPrivateKey({ key: readFileSync(pem), passphrase: PASSPHRASE })
  writeFileSync(pem, key.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'another one' }))
  const refused = await printed(testbed)
  expect([refused.code, refused.stdout, refused.stderr]).toEqual([1, '', expect.stringContaining('(bad-passphrase)')])
  const { code, stdout } = await printed(testbed, ['--passphrase-file', passphraseFile('another one')])
  expect([code, words(stdout)]).toEqual([0, expect.arrayContaining(['alice to bob: said before'])])
})

test('a killed client loses nothing that was said before, and the next one goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await testbed.client('alice', '--to', 'bob', ...unlocked())
  alice.say('/log on')
  for (const text of ['one', 'two', 'three']) alice.say(text)
  for (let delivered = 0; delivered < 3; delivered++) await alice.next('delivered')
  alice.kill('SIGKILL')
  await bob.next('interrupted')
  // As a crash of the machine could leave it.
  writeFileSync(logOf(testbed), readFileSync(logOf(testbed)).subarray(0, -100))
  bob.kill('SIGKILL')
  await testbed.client('bob')
  const next = testbed.pipe('alice', ['--to', 'bob', '--wait', '10', ...unlocked()], { input: 'back again\n' })
  const { stderr } = await next.ended()
  expect(stderr).toMatch(/the log ended in the middle of an entry, .* its last 217 bytes were removed\n/)
  const { code, stdout, stderr: remarks } = await printed(testbed)
  expect([code, remarks]).toEqual([0, expect.stringMatching(/^note: one run has no end in the log: /)])
  expect(words(stdout).filter(line => line.startsWith('alice'))).toEqual([
    'alice to bob: one',
    'alice to bob: two',
    'alice to bob: back again',
  ])
})

test('nothing is made for a name that has no log, and wrong usage says so', async () => {
  const testbed = await openTestbed('aes-chat')
  const none = await printed(testbed)
  expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/alice has no log: there is no .*\n.*\/log on/)])
  expect(readdirSync(testbed.home)).toEqual([])
  const anonymous = await runBin('chat-client', ['log', '--home', testbed.home])
  expect([anonymous.code, anonymous.stderr]).toEqual([2, expect.stringContaining('--name NAME')])
  const basic = await runBin('basic-chat-client', ['log', '--name', 'alice'])
  expect([basic.code, basic.stderr]).toEqual([2, expect.stringContaining('(usage)')])
})

test.each([
  [['bob'], 'too many arguments'],
  [['--once'], 'log does not take --once (usage)'],
  [['--directory', '1.2.3.4:5'], 'log does not take --directory (usage)'],
  [['--accept', 'all'], 'log does not take --accept (usage)'],
])('the command log refuses %j, which says nothing to it', async (args, reason) => {
  const { code, stdout, stderr } = await runBin('chat-client', ['log', '--name', 'alice', ...args])
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(reason)])
})

test('without a passphrase a script is told how to set one, and the chat goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = testbed.pipe('alice', ['--to', 'bob'], { input: '/log on\nhello\n' })
  const { code, stderr } = await alice.ended()
  expect([code, stderr]).toEqual([
    0,
    expect.stringMatching(
      /which has none \(bad-passphrase\)\n {2}leave, set one with npx --no-install chat-client identity passphrase/,
    ),
  ])
  expect(await bob.next('message')).toMatchObject({ text: 'hello' })
  expect(readdirSync(join(testbed.home, 'alice'))).not.toContain('log')
})

/** Whether this machine lets a test mount a disk of its own that nobody else sees. */
const mounts = (() => {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    process.stderr.write('skipped: no mounting in a namespace\n')
    return false
  }
})()

test.skipIf(!mounts)('a full disk is told of once, the log is off, and the chat goes on', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const home = temporaryFolder()
  const texts = Array.from({ length: 300 }, (_, i) => `text ${i}`)
  const lines = join(temporaryFolder(), 'lines')
  writeFileSync(lines, ['/log on', ...texts, '/log'].map(line => `${line}\n`).join(''))
  const common = ['--name', 'alice', '--home', home, ...unlocked()]
  const shell = (...args: readonly string[]) =>
    [process.execPath, binPath('chat-client'), ...args].map(word => `'${word}'`).join(' ')
  const script = `
    mount -t tmpfs -o size=64k tmpfs '${home}'
    ${shell(...common, '--directory', testbed.directory, '--to', 'bob')} < '${lines}'
    echo "exit $?"
    ${shell('log', ...common)}`
  const alice = spawn('unshare', ['--mount', 'sh', '-c', `exec 2>&1; ${script}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void alice.kill())
  const [output] = await Promise.all([
    readAll(alice.stdout),
    (async () => {
      for (const text of texts) expect(await bob.next('message')).toMatchObject({ text })
    })(),
  ])
  expect(output).toContain('exit 0\n')
  expect(output.match(/the log keeps nothing more: .*no space left on device \(disk-full\)/g)).toHaveLength(1)
  expect(output).toMatch(/^the log is off; /m)
  expect(output).toMatch(/alice to bob: text 0\n.*alice to bob: text 1\n/)
  expect(output).not.toContain('bad-log')
})

/** Alice at a terminal, her identity open. */
async function aliceAtTerminal({ directory, home }: Testbed): Promise<Screen> {
  const common = ['--name', 'alice', '--directory', directory, '--home', home, ...unlocked()]
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), ...common],
    cols: 100,
    rows: 60,
  })
  onTestFinished(() => screen.kill())
  await screen.until(lastRow('alice>'))
  return screen
}

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text

test('at a terminal it is turned on, looked at and erased', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await aliceAtTerminal(testbed)
  alice.type('/log\r')
  await alice.until('the log is off; nothing has been kept')
  alice.type('/log show\r')
  await alice.until('there is no log')
  alice.type('/log on\r')
  await alice.until(`the log is on; ${logOf(testbed)} has 85 bytes`)
  alice.type('/log show\r')
  await alice.until('the log has no texts')
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  for (const text of ['one', 'two', 'three']) {
    alice.type(`${text}\r`)
    expect(await bob.next('message')).toMatchObject({ text })
  }
  bob.say('/json {"to":"alice","text":"\\u001b[2Jgone\\n2026-01-31 12:00:00 alice to bob: I owe you"}')
  await alice.until('bob: ␛[2Jgone')

  alice.type('/log show 3\r')
  await alice.until(rows => rows.filter(row => /^20\d\d-/.test(row)).length === 3)
  const shown = alice.lines().filter(row => /^(20\d\d-| {2}2026)/.test(row))
  expect(shown.map(row => row.replace(/^20\d\d-\S+ \S+/, 'TIME'))).toEqual([
    '  2026-01-31 12:00:00 alice to bob: I owe you',
    'TIME alice to bob: two',
    'TIME alice to bob: three',
    'TIME bob: ␛[2Jgone',
    '  2026-01-31 12:00:00 alice to bob: I owe you',
  ])
  alice.type('/log show carol\r')
  await alice.until('the log has no texts of you and carol')
  for (const wrong of ['show 0', 'show 1001', 'show bob 3 4', 'on now', 'nonsense']) {
    alice.type(`/log ${wrong}\r`)
    await alice.until(rows => rows.at(-1) === 'alice to bob (new)>' && rows.at(-4)?.endsWith(`/log ${wrong}`) === true)
    expect(alice.lines().at(-3)).toMatch(/^! error: usage: \/log .*\(usage\)$/)
  }

  alice.type('/log erase\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('n\r')
  await alice.until('nothing was erased')
  expect(existsSync(logOf(testbed))).toBe(true)
  alice.type('/log erase\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('yes\r')
  await alice.until('the log is erased and off')
  const left = readdirSync(join(testbed.home, 'alice')).filter(file => !file.startsWith('history'))
  expect(left.toSorted()).toEqual(['identity.pem', 'known_peers'])
})

test('a log of 100,000 texts is printed in the memory of a small one', async () => {
  const home = temporaryFolder()
  const passphrase = Buffer.from(PASSPHRASE)
  const keys = await loadOrCreateIdentity({ home, name: 'alice', passphrase })
  const texts = Array.from({ length: 100_000 }, (_, i) => `text ${i}`)
  await keep(join(home, 'alice', 'log'), texts, keys)
  const args = ['log', '--name', 'alice', '--home', home, ...unlocked()]
  const env = { NODE_OPTIONS: '--max-old-space-size=32' }
  const { code, stdout } = await runBin('chat-client', args, { env })
  expect([code, words(stdout).map(line => line.replace('bob: ', ''))]).toEqual([0, texts])
})

test('in a shell a person is asked for the passphrase', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('bob')
  await aliceSays(testbed, 'hello')
  const args = [binPath('chat-client'), 'log', '--name', 'alice', '--home', testbed.home]
  const shell = openScreen({ command: process.execPath, args })
  onTestFinished(() => shell.kill())
  await shell.until('Passphrase of alice')
  shell.type('wrong\r')
  await shell.until(rows => rows.filter(row => row.includes('Passphrase of alice')).length === 2)
  shell.type(`${PASSPHRASE}\r`)
  await shell.until('alice to bob: hello')
  expect(await shell.exit).toBe(0)
})

test('a script erases nothing', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('bob')
  await aliceSays(testbed, 'hello')
  const alice = testbed.pipe('alice', unlocked(), { input: '/log erase\n' })
  expect((await alice.ended()).stderr).toContain('only a person at a terminal')
  expect((await printed(testbed)).stdout).toContain('alice to bob: hello')
})
