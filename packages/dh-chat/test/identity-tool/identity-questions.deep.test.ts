import { createPrivateKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../../core/test/support/screen/screen.ts'
import { publicKeyToBytes } from '../../src/identity/ed25519-key.ts'
import { loadOrCreateIdentity } from '../../src/identity/identity-file.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'

let home: string
let file: string
beforeEach(() => {
  home = temporaryFolder()
  file = join(home, 'alice', 'identity.pem')
})

const makeAlice = (passphrase?: string) =>
  loadOrCreateIdentity({
    home,
    name: 'alice',
    passphrase: passphrase === undefined ? undefined : Buffer.from(passphrase),
  })

/** `identity` with these arguments at a terminal wide enough for every message. */
function terminal(...args: readonly string[]): Screen {
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('dh-chat-client'), 'identity', ...args, '--home', home],
    cols: 160,
    rows: 40,
  })
  onTestFinished(() => screen.kill())
  return screen
}

/** Answers a question: the nth row on the screen with that text. */
async function answer(screen: Screen, question: string, text: string, nth = 1): Promise<void> {
  await screen.until(rows => rows.filter(row => row.includes(question)).length === nth)
  screen.type(`${text}\r`)
}

const content = () => readFileSync(file, 'latin1')
const keyIn = (pem: string, passphrase = '') => publicKeyToBytes(createPrivateKey({ key: pem, passphrase }))
const textOf = (screen: Screen) => screen.lines().join('\n')

const OLD = "Passphrase of alice's key:"
const NEW = "A passphrase for alice's key (Enter for none):"
const AGAIN = 'Type it again:'

test('show asks for the passphrase of an encrypted key, unseen, three times at most', async () => {
  const { fingerprint } = await makeAlice('correct horse')
  const screen = terminal('show', '--name', 'alice')
  await answer(screen, OLD, 'wrong horse')
  await answer(screen, OLD, 'correct horse', 2)
  expect(await screen.exit).toBe(0)
  expect(textOf(screen)).toContain('wrong passphrase; try again')
  expect(textOf(screen)).toContain(fingerprint)
  expect(textOf(screen)).not.toContain('horse')

  const guessing = terminal('show', '--name', 'alice')
  for (const nth of [1, 2, 3]) await answer(guessing, OLD, nth === 2 ? '' : 'wrong', nth)
  expect(await guessing.exit).toBe(1)
  expect(textOf(guessing)).toContain('(bad-passphrase)')
  expect(textOf(guessing)).not.toContain(fingerprint)
})

test('the name is asked for where none is given and there are several, and has to have an identity', async () => {
  const { fingerprint } = await makeAlice()
  const only = terminal('show')
  expect(await only.exit).toBe(0)
  expect(textOf(only)).toContain(fingerprint)

  await loadOrCreateIdentity({ home, name: 'carol' })
  const screen = terminal('show')
  await answer(screen, 'Your name:', 'bob')
  await screen.until(`bob has no identity in ${home}`)
  screen.type('\u0015alice\r')
  expect(await screen.exit).toBe(0)
  expect(textOf(screen)).toContain(fingerprint)
})

test('passphrase asks for the old one, and twice for the new one', async () => {
  const { key } = await makeAlice('old horse')
  const screen = terminal('passphrase', '--name', 'alice')
  await answer(screen, OLD, 'old horse')
  await answer(screen, NEW, 'new horse')
  await answer(screen, AGAIN, 'new hose')
  await answer(screen, `They differ. ${NEW}`, 'new horse')
  await answer(screen, AGAIN, 'new horse', 2)
  expect(await screen.exit).toBe(0)
  expect(textOf(screen)).toContain('the key of alice is encrypted with the new passphrase')
  expect(textOf(screen)).not.toContain('horse')
  expect(keyIn(content(), 'new horse')).toEqual(key)
})

test('a passphrase is removed on a yes alone', async () => {
  const { key } = await makeAlice('old')
  const before = content()
  const no = terminal('passphrase', '--name', 'alice')
  await answer(no, OLD, 'old')
  await answer(no, NEW, '')
  await answer(no, 'Remove it?', '')
  await no.until('please answer yes or no')
  no.type('No\r')
  expect(await no.exit).toBe(0)
  expect(textOf(no)).toContain('nothing has changed')
  expect(content()).toBe(before)

  const yes = terminal('passphrase', '--name', 'alice')
  await answer(yes, OLD, 'old')
  await answer(yes, NEW, '')
  await answer(yes, 'Remove it?', 'y')
  expect(await yes.exit).toBe(0)
  expect(textOf(yes)).toContain('the key of alice is no longer encrypted')
  expect(keyIn(content())).toEqual(key)
})

test('a file that another program changed while the question was open is left alone', async () => {
  await makeAlice()
  const screen = terminal('passphrase', '--name', 'alice')
  await screen.until(NEW)
  const other = `${content()}# a remark\n`
  writeFileSync(file, other)
  await answer(screen, NEW, 'secret')
  await answer(screen, AGAIN, 'secret')
  expect(await screen.exit).toBe(1)
  expect(textOf(screen)).toMatch(/another program has just changed .*\(unwritable\).*try again/s)
  expect(content()).toBe(other)
  expect(readdirSync(join(home, 'alice'))).toEqual(['identity.pem'])
})

test('a backup may have a passphrase of its own, or the one of the key', async () => {
  const { key } = await makeAlice('old')
  const question = 'A passphrase for this backup (Enter for the one of the key):'
  const [same, other] = [join(home, 'same.pem'), join(home, 'other.pem')]
  const screen = terminal('export', '--name', 'alice', '--out', same)
  await answer(screen, question, '')
  expect(await screen.exit).toBe(0)
  expect(readFileSync(same, 'latin1')).toBe(content())

  const another = terminal('export', '--name', 'alice', '--out', other)
  await answer(another, question, 'new')
  await answer(another, AGAIN, 'new')
  await answer(another, OLD, 'old')
  expect(await another.exit).toBe(0)
  expect(textOf(another)).toContain('encrypted with the new passphrase')
  expect(keyIn(readFileSync(other, 'latin1'), 'new')).toEqual(key)
})

test('a file that is in the way is told before a question, and spared when it comes after one', async () => {
  await makeAlice()
  const out = join(home, 'backup.pem')
  writeFileSync(out, 'precious')
  const early = [terminal('export', '--name', 'alice', '--out', out), terminal('import', file, '--name', 'alice')]
  for (const screen of early) {
    expect(await screen.exit).toBe(1)
    expect(textOf(screen)).toContain('(unwritable)')
    expect(textOf(screen)).not.toContain('passphrase')
  }

  const late = join(home, 'late.pem')
  const screen = terminal('export', '--name', 'alice', '--out', late)
  await screen.until('A passphrase for this backup')
  writeFileSync(late, 'precious')
  screen.type('\r')
  expect(await screen.exit).toBe(1)
  expect(textOf(screen)).toContain('already exists (unwritable)')
  expect([out, late].map(path => readFileSync(path, 'utf8'))).toEqual(['precious', 'precious'])
})

test('an encrypted backup is opened with one question, and keeps its passphrase', async () => {
  const { key } = await makeAlice('secret')
  const screen = terminal('import', file, '--name', 'bob')
  await answer(screen, "Passphrase of bob's key:", 'secret')
  expect(await screen.exit).toBe(0)
  expect(textOf(screen)).toContain('imported the key of bob, encrypted')
  expect(keyIn(readFileSync(join(home, 'bob', 'identity.pem'), 'latin1'), 'secret')).toEqual(key)
})

test('an imported key that had no passphrase may get one; a name that has a key is asked for again', async () => {
  const { key } = await makeAlice()
  const backup = join(home, 'backup.pem')
  writeFileSync(backup, content())
  const screen = terminal('import', backup)
  await answer(screen, 'Your name:', 'alice')
  await screen.until('alice already has an identity')
  screen.type('\u0015bob\r')
  await answer(screen, "A passphrase for bob's key (Enter for none):", 'secret')
  await answer(screen, AGAIN, 'secret')
  expect(await screen.exit).toBe(0)
  expect(keyIn(readFileSync(join(home, 'bob', 'identity.pem'), 'latin1'), 'secret')).toEqual(key)
})

test.each([
  ['show', [], OLD],
  ['passphrase', [], OLD],
  ['passphrase', ['old'], NEW],
  ['passphrase', ['old', 'new'], AGAIN],
  ['passphrase', ['old', ''], 'Remove it?'],
  ['export', [], 'A passphrase for this backup'],
  ['export', ['new', 'new'], OLD],
])('Ctrl-C in %s after the answers %j leaves quietly, and everything as it was', async (command, answers, question) => {
  await makeAlice('old')
  const before = content()
  const out = join(home, 'backup.pem')
  const screen = terminal(command, '--name', 'alice', ...(command === 'export' ? ['--out', out] : []))
  for (const [index, text] of answers.entries()) {
    await screen.until(rows => rows.filter(row => row.startsWith('?') || row.startsWith('✔')).length === index + 1)
    screen.type(`${text}\r`)
  }
  await screen.until(question)
  screen.type('\u0003')
  expect(await screen.exit).toBe(130)
  expect(textOf(screen)).not.toMatch(/error|\.js/)
  expect(content()).toBe(before)
  expect(existsSync(out)).toBe(false)
  expect(readdirSync(join(home, 'alice'))).toEqual(['identity.pem'])
})

test('Ctrl-C while a key is imported leaves no identity', async () => {
  await makeAlice()
  const screen = terminal('import', file, '--name', 'bob')
  await screen.until("A passphrase for bob's key")
  screen.type('\u0003')
  expect(await screen.exit).toBe(130)
  expect(existsSync(join(home, 'bob'))).toBe(false)
})
