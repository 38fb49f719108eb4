import { expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../core/test/support/screen.ts'
import { openTown, type Town, townAround } from '../../dh-chat/test/support/chat-town.ts'
import { identityFor } from '../../dh-chat/test/support/identity-for.ts'

/** Alice at a terminal, which she leaves with the test. */
async function aliceAtTerminal(
  { directory, home }: Town,
  size = { cols: 100, rows: 60 },
  args: readonly string[] = [],
): Promise<Screen> {
  await identityFor(home, 'alice')
  const screen = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), '--name', 'alice', '--directory', directory, '--home', home, ...args],
    ...size,
  })
  onTestFinished(() => screen.kill())
  // The plain terminal says its prompt once, before the banner.
  await screen.until(rows => rows.includes('alice>'))
  return screen
}

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text

/** What changes from run to run becomes the same every time: numbers become 12345, keys A, B, C. */
function masked(rows: readonly string[]): string {
  const keys = new Map<string, string>()
  const text = rows.join('\n').replaceAll(/\b\d{5}\b/g, '12345')
  return `${text.replaceAll(/[\w-]{43}/g, key => {
    const letter = keys.get(key) ?? String.fromCharCode(0x41 + keys.size)
    keys.set(key, letter)
    return letter.repeat(key.length)
  })}\n`
}

/** The rows from the one in which that was typed to the end. */
function since(screen: Screen, typed: string): string[] {
  const rows = screen.lines()
  return rows.slice(rows.findLastIndex(row => row.endsWith(`> ${typed}`)))
}

test('/verify shows the number to be read aloud, marks it on a yes alone, and says what changed', async () => {
  const town = await openTown('aes-chat')
  const bob = await town.client('bob')
  const alice = await aliceAtTerminal(town)
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  const { safetyNumber } = await bob.next('open')

  for (const answer of ['no', ' N ']) {
    alice.type('/verify\r')
    await alice.until(lastRow('yes or no?'))
    alice.type(`${answer}\r`)
    await alice.until(lastRow('alice to bob (new)>'))
  }
  alice.type('/verify\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('yes please\r')
  await alice.until('please answer yes or no')
  alice.type('\r')
  await alice.until(rows => rows.filter(row => row === 'please answer yes or no').length === 2)
  // Ctrl-C is a no, and what was no answer has gone nowhere.
  alice.type('\u0003')
  await alice.until(lastRow('alice to bob (new)> yes please'))
  alice.type('\u0003')
  alice.type('/verify\r')
  await alice.until(lastRow('yes or no?'))
  expect(
    since(alice, '/verify')
      .join(' ')
      .match(/\b\d{5}\b/g)
      ?.join(' '),
  ).toBe(safetyNumber)
  alice.type('yes\r')
  await alice.until('is verified now')
  await alice.until(lastRow('alice to bob (verified)>'))
  await expect(masked(since(alice, '/verify'))).toMatchFileSnapshot('screens/verification.txt')

  alice.type('/peers\r')
  await alice.until(rows => rows.some(row => /^bob .* verified$/.test(row)))
})

test('a yes after the conversation has ended marks nothing', async () => {
  const town = await openTown('aes-chat')
  const bob = await town.client('bob')
  const alice = await aliceAtTerminal(town)
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  alice.type('/verify\r')
  await alice.until(lastRow('yes or no?'))
  expect(await bob.finish()).toBe(0)
  await alice.until('conversation with bob: over')
  alice.type('yes\r')
  await alice.until('nothing has changed: the conversation with bob ended meanwhile')
  alice.type('/peers\r')
  await alice.until(rows => rows.some(row => /^bob .* known$/.test(row)))
})

test('a changed key is explained, out and in, and /forget asks', async () => {
  const town = await openTown('aes-chat')
  const bob = await town.client('bob')
  expect(await town.start('alice', '--to', 'bob').finish()).toBe(0)
  await bob.finish()
  const other = await openTown('aes-chat')
  const impostor = await other.client('bob')
  const there = townAround('aes-chat', other.directory, town.home)
  const pipe = await there.pipe('alice', ['--to', 'bob'], { input: 'hello\n' }).ended()
  expect([pipe.code, pipe.stderr]).toEqual([
    3,
    expect.stringMatching(/^conversation with bob: bob answered with another key.*\(key-changed\)\n {2}ask the.*\n$/m),
  ])
  expect(pipe.stderr).not.toContain('What happened')
  const alice = await aliceAtTerminal(there)

  alice.type('/chat bob\r')
  await alice.until('the new one stays out.')
  alice.type('/forget bob\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('no\r')
  await alice.until('the key of bob stays as it is')
  await alice.until(lastRow('alice>'))
  await expect(masked(since(alice, '/chat bob'))).toMatchFileSnapshot('screens/changed-key.txt')

  alice.type('/help forget\r')
  await alice.until('/forget NAME')
  impostor.say('/chat alice')
  await alice.until('a call came in the name of bob with another key than the one remembered')
  await alice.until('It was refused. Your chat goes on.')
  expect(since(alice, '/help forget').join('\n')).not.toMatch(/no call from/)

  alice.type('/forget bob\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('yes\r')
  await alice.until('the key of bob is forgotten')
  alice.type('/forget bob\r')
  await alice.until('no key of bob is remembered (unknown-user)')
  await alice.until(lastRow('alice>'))
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
})

test('a terminal of 80 columns and 24 rows shows all of /help, and all of the invite with its QR code', async () => {
  const alice = await aliceAtTerminal(await openTown('aes-chat'), { cols: 80, rows: 24 })
  const rowsNow = () => alice.lines().slice(-24)
  alice.type('/help\r')
  await alice.until('/help COMMAND says more about one')
  await alice.until(lastRow('alice>'))
  expect(rowsNow()).toContain('talking:')
  alice.type('/invite\r')
  await alice.until(rows => /^▀+$/.test(rows.at(-2) ?? ''))
  expect(rowsNow()).toContainEqual(expect.stringMatching(/^chat:alice@/))
})

test.each([
  ['a terminal that is too narrow says how many columns it takes', { cols: 36, rows: 24 }, []],
  ['a screen reader gets none', { cols: 80, rows: 24 }, ['--plain']],
])('a QR code is not broken: %s', async (_, size, args) => {
  const alice = await aliceAtTerminal(await openTown('aes-chat'), size, args)
  alice.type('/invite\r')
  await alice.until('chat:alice@')
  alice.type('/help quit\r')
  await alice.until('example: /quit')
  const shown = alice.lines().join('\n')
  expect(shown).toContain('chat:alice@')
  expect(shown).not.toMatch(/[█▀▄]/)
  expect(shown.includes('a terminal of 37 columns')).toBe(args.length === 0)
})

test('/invite shows the invite in one piece and as a QR code', async () => {
  const town = await openTown('aes-chat')
  const alice = await aliceAtTerminal(town)
  alice.type('/invite\r')
  await alice.until('it works on this machine only')
  await alice.until(rows => /^▀+$/.test(rows.at(-2) ?? ''))
  const rows = since(alice, '/invite')
  expect(rows).toContainEqual(expect.stringMatching(/^chat:alice@127\.0\.0\.1:\d+#[\w-]{43}$/))
  const picture = rows.filter(row => /^[ █▀▄]{33,}$/.test(row))
  expect(picture.length).toBeGreaterThanOrEqual(17)
  expect(new Set(picture.map(row => row.length)).size).toBe(1)
})
