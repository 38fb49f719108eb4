import { createPrivateKey } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath, runBin, startBin } from '../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../core/test/support/screen/screen.ts'
import { openTestbed, temporaryFolder, type Rung, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'

type Place = Pick<Testbed, 'directory' | 'home'>

/** A client at a terminal, in the town unless the arguments say otherwise. */
const terminal = (place: Place, ...args: readonly string[]) => terminalOf('aes-chat', place, ...args)

function terminalOf(rung: Rung, { directory, home }: Place, ...args: readonly string[]): Screen {
  const screen = openScreen({
    command: process.execPath,
    args: [binPath(`${rung}-client`), '--directory', directory, '--home', home, ...args],
    cols: 100,
    rows: 40,
  })
  onTestFinished(() => screen.kill())
  return screen
}

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text
const header = (testbed: Testbed, name: string) =>
  readFileSync(join(testbed.home, name, 'identity.pem'), 'latin1')
    .split('\n', 1)
    .join('')

test('the name is asked for until it is one; the last one is suggested the next time', async () => {
  const testbed = await openTestbed('aes-chat')
  const alice = terminal(testbed)
  await alice.until('Your name:')
  alice.type('al ice\r')
  await alice.until('a name is 1 to 32 of a-z 0-9 . _ - and starts with a letter or digit')
  alice.type('\u0015Alice\r')
  await alice.until('(Enter for none)')
  alice.type('\r')
  await alice.until('made a new identity for alice, unencrypted: anyone with its file can be alice')
  await alice.until(lastRow('alice>'))
  expect(header(testbed, 'alice')).toBe('-----BEGIN PRIVATE KEY-----')
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)

  const again = terminal(testbed)
  await again.until('Your name: (alice)')
  again.type('\r')
  await again.until(lastRow('alice>'))
  expect(again.lines().join('\n')).not.toContain('passphrase')
  again.type('/quit\r')
  expect(await again.exit).toBe(0)

  writeFileSync(join(testbed.home, '.last-name'), '\u001b[2J../alice\n')
  const damaged = terminal(testbed)
  await damaged.until('Your name:')
  expect(damaged.lines().join('\n')).not.toContain('alice')
})

test('a passphrase is asked for twice, encrypts the key, and opens it at one of three attempts', async () => {
  // The same letters, as another keyboard composes them.
  const typed = 'sch\u00f6ne Gr\u00fc\u00dfe'
  const decomposed = typed.normalize('NFD')
  const testbed = await openTestbed('aes-chat')
  const alice = terminal(testbed)
  await alice.until('Your name:')
  alice.type('alice\r')
  await alice.until('(Enter for none)')
  alice.type(`${decomposed}\r`)
  await alice.until('Type it again:')
  alice.type('correct hose\r')
  await alice.until('They differ.')
  alice.type(`${decomposed}\r`)
  await alice.until(rows => rows.filter(row => row.includes('Type it again:')).length === 2)
  expect(existsSync(join(testbed.home, 'alice'))).toBe(false)
  alice.type(`${typed}\r`)
  await alice.until('made a new identity for alice, encrypted with your passphrase')
  await alice.until(lastRow('alice>'))
  expect(header(testbed, 'alice')).toBe('-----BEGIN ENCRYPTED PRIVATE KEY-----')
  expect(alice.lines().join('\n')).not.toContain('sch')
  alice.type('/quit\r')
  await alice.exit

  const asked = (times: number) => (rows: readonly string[]) =>
    rows.filter(row => row.includes("Passphrase of alice's key:")).length === times
  const back = terminal(testbed, '--name', 'alice')
  await back.until(asked(1))
  back.type('wrong\r')
  await back.until('wrong passphrase; try again')
  await back.until(asked(2))
  back.type('\r')
  await back.until(asked(3))
  back.type(`${decomposed}\r`)
  await back.until(lastRow('alice>'))
  back.type('/quit\r')
  await back.exit

  const ours = readFileSync(join(testbed.home, 'alice', 'identity.pem'), 'utf8')
  expect(createPrivateKey({ key: ours, passphrase: typed }).asymmetricKeyType).toBe('ed25519')

  const guessing = terminal(testbed, '--name', 'alice')
  for (const times of [1, 2, 3]) {
    await guessing.until(asked(times))
    guessing.type('wrong\r')
  }
  expect(await guessing.exit).toBe(1)
  expect(guessing.lines().slice(-3).join('')).toMatch(/error: .*\(bad-passphrase\) {2}give the right passphrase/)

  const file = join(testbed.home, 'passphrase')
  writeFileSync(file, 'wrong\n')
  const scripted = terminal(testbed, '--name', 'alice', '--passphrase-file', file)
  expect(await scripted.exit).toBe(1)
  expect(scripted.lines().join('\n')).not.toContain('Passphrase of')
})

test.each<Rung>(['dh-chat', 'aes-chat'])('%s: who gave a name is asked for a new passphrase, once', async rung => {
  const testbed = await openTestbed(rung)
  const open = (...args: readonly string[]) => terminalOf(rung, testbed, ...args)
  const alice = open('--name', 'alice')
  await alice.until("A passphrase for alice's new key (Enter for none):")
  expect(existsSync(join(testbed.home, 'alice'))).toBe(false)
  alice.type('correct horse\r')
  await alice.until('Type it again:')
  alice.type('correct horse\r')
  await alice.until('made a new identity for alice, encrypted with your passphrase')
  await alice.until(lastRow('alice>'))
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)
  expect(header(testbed, 'alice')).toBe('-----BEGIN ENCRYPTED PRIVATE KEY-----')

  const unencrypted = open('--name', 'bob')
  await unencrypted.until("A passphrase for bob's new key (Enter for none):")
  unencrypted.type('\r')
  await unencrypted.until(lastRow('bob>'))
  unencrypted.type('/quit\r')
  expect(await unencrypted.exit).toBe(0)
  const back = open('--name', 'bob')
  await back.until(lastRow('bob>'))
  expect(back.lines().join('\n')).not.toContain('passphrase')

  const file = join(testbed.home, 'passphrase')
  writeFileSync(file, 'correct horse\n')
  const given = open('--name', 'carol', '--passphrase-file', file)
  await given.until('made a new identity for carol, encrypted with your passphrase')
  await given.until(lastRow('carol>'))
  expect(given.lines().join('\n')).not.toContain('A passphrase for')
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s at a question leaves quietly and leaves nothing behind', async (_, key) => {
  const testbed = await openTestbed('aes-chat')
  const first = terminal(testbed)
  await first.until('Your name:')
  first.type(key)
  expect(await first.exit).toBe(130)
  const second = terminal(testbed)
  await second.until('Your name:')
  second.type('alice\r')
  await second.until('(Enter for none)')
  second.type(key)
  expect(await second.exit).toBe(130)
  for (const screen of [first, second]) expect(screen.lines().join('\n')).not.toMatch(/error|at .*\.js/)
  expect(readdirSync(testbed.home, { recursive: true })).toEqual(['.running'])
})

test('a name that is in use here is neither suggested nor taken', async () => {
  const testbed = await openTestbed('aes-chat')
  await identityFor(testbed.home, 'alice')
  const alice = terminal(testbed, '--name', 'alice')
  await alice.until(lastRow('alice>'))

  const asked = terminal(testbed)
  await asked.until('Your name:')
  expect(asked.lines().join('\n')).not.toContain('alice')
  asked.type('alice\r')
  await asked.until('another client of yours is running as alice')

  const told = terminal(testbed, '--name', 'alice')
  await told.until('error: another client of yours is running as alice (name-in-use)')
  await told.until('use that client, with /msg NAME TEXT, or choose another name with --name')
  await told.until('Your name:')
  told.type('bob\r')
  await told.until('(Enter for none)')
  told.type('\r')
  await told.until(lastRow('bob>'))

  // Nobody is there to be asked, and neither another rung nor another directory makes a difference.
  for (const [bin, ...args] of [
    ['chat-client', '--directory', testbed.directory, '--to', 'carol'],
    ['chat-client', '--directory', '127.0.0.1:1', '--to', 'carol', '--json'],
    ['dh-chat-client', '--to', 'carol'],
  ] as const) {
    const { code, stdout, stderr } = await runBin(bin, ['--name', 'alice', '--home', testbed.home, ...args], {
      input: 'hello',
    })
    expect(code).toBe(1)
    expect(stdout + stderr).toMatch(/another client of yours is running as alice/)
    expect(stdout + stderr).toMatch(/name-in-use[^]*\/msg carol TEXT, or choose another name with --name/)
  }
  alice.type('/who\r')
  await alice.until(lastRow('alice>'))
  expect(alice.lines().join('\n')).not.toContain('taken over')

  alice.kill()
  await alice.exit
  const back = terminal(testbed, '--name', 'alice')
  await back.until(lastRow('alice>'))
})

test('whom one wants to call is nobody to be', async () => {
  const testbed = await openTestbed('aes-chat')
  const alice = terminal(testbed, '--to', 'bob')
  await alice.until('Your name:')
  alice.type('bob\r')
  await alice.until('bob is the person you want to call')
  alice.type('\u0015alice\r')
  await alice.until('(Enter for none)')
})

test('a name that belongs to another key at the directory is asked for again', async () => {
  const testbed = await openTestbed('aes-chat')
  await testbed.client('alice')
  const other = terminal({ ...testbed, home: temporaryFolder() })
  await other.until('Your name:')
  other.type('alice\r')
  await other.until('(Enter for none)')
  other.type('\r')
  await other.until('the name alice belongs to another key (name-taken)')
  await other.until('if alice is you on another device, move the key')
  await other.until(rows => rows.at(-1)?.startsWith('? Your name:') === true)
  expect(other.lines().at(-1)).not.toContain('alice')
  other.type('alice\r')
  await other.until('the name alice is taken')
  other.type('\u0015bob\r')
  await other.until(rows => rows.some(row => row.includes("for bob's new key (Enter for none)")))
  other.type('\r')
  await other.until(lastRow('bob>'))
  other.type('/who\r')
  await other.until(rows => rows.includes('alice  bob'))
})

test('without a terminal nothing is asked', async () => {
  const testbed = await openTestbed('aes-chat')
  const args = ['--directory', testbed.directory, '--home', testbed.home]
  for (const json of [[], ['--json']]) {
    const { code, stderr } = await runBin('chat-client', [...args, ...json])
    expect([code, stderr]).toEqual([2, 'error: your name is missing: --name NAME (usage)\n  see --help\n'])
  }
  const nobody = await runBin('chat-client', ['--name', 'alice', '--directory', '127.0.0.1:1', '--home', testbed.home])
  expect([nobody.code, nobody.stderr]).toEqual([1, expect.stringContaining('(no-directory)')])
  const elsewhere = await runBin('chat-client', ['--name', 'alice', '--directory', '0.0.0.0:1', '--home', testbed.home])
  // Nobody can run one there.
  expect(elsewhere.stderr).toMatch(/\(no-directory\)\n {2}check the address/)
  expect(existsSync(join(testbed.home, '.last-name'))).toBe(false)
})

test('--run-directory joins the one that answers, and never runs one for the network', async () => {
  const address = await startBin('chat-server', ['--port', '0']).listening()
  const testbed = { directory: `127.0.0.1:${address.port}`, home: temporaryFolder() }
  await identityFor(testbed.home, 'alice')
  const joins = terminal(testbed, '--name', 'alice', '--run-directory')
  await joins.until(lastRow('alice>'))
  expect(joins.lines().join('\n')).not.toContain('It ends with this client')

  const refused = await runBin('chat-client', ['--name', 'bob', '--run-directory', '--directory', '192.0.2.1:10001'])
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('(usage)')])
})

test.each([
  ['a file', (folder: string) => join(folder, 'file')],
  ['under a file', (folder: string) => join(folder, 'file', 'home')],
])('a home that is %s is one clear error before any question', async (_, path) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  const screen = terminal({ directory: '127.0.0.1:1', home: path(folder) })
  expect(await screen.exit).toBe(1)
  expect(screen.lines().join('')).toMatch(/^error: .*file.*: .*\(unwritable\) {2}check that/)
  const pipe = await runBin('chat-client', ['--name', 'alice', '--home', path(folder)])
  expect([pipe.code, pipe.stdout]).toEqual([1, ''])
  expect(pipe.stderr).toMatch(/^error: .* \(unwritable\)\n {2}check that .*\n$/)
})

test('a name that is none, and an identity that is none, are errors at a terminal too', async () => {
  const home = temporaryFolder()
  const named = terminal({ directory: '127.0.0.1:1', home }, '--name', 'al ice')
  expect(await named.exit).toBe(2)
  expect(named.lines()[0]).toBe('error: "al ice" is not a name (bad-name)')
  mkdirSync(join(home, 'alice'))
  writeFileSync(join(home, 'alice', 'identity.pem'), 'nothing\n', { mode: 0o600 })
  const broken = terminal({ directory: '127.0.0.1:1', home }, '--name', 'alice')
  expect(await broken.exit).toBe(1)
  expect(broken.lines().join('')).toContain('(bad-identity)')
})
