import { decodeQR } from 'qr/decode.js'
import { expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../../core/test/support/process.ts'
import { openScreen, type Screen } from '../../../core/test/support/screen/screen.ts'
import { type ScreenImage, SIDE, type Theme } from '../../../core/test/support/screen/screen-image.ts'
import { openTestbed, type Testbed, testbedAround } from '../../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../../dh-chat/test/support/identity-for.ts'

/** Alice at a terminal, which she leaves with the test. */
async function aliceAtTerminal(
  { directory, home }: Testbed,
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

/** Whether a QR code is drawn, and the prompt below it. */
const hasCode = (rows: readonly string[]) => rows.some(row => row.includes('█')) && rows.at(-1) === 'alice>'

/** Modules along a side of the QR code of a short invite, its quiet zone included. */
const CODE = 41

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
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await aliceAtTerminal(testbed)
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  const { safetyNumber } = await bob.next('open')

  for (const answer of ['no', ' N ']) {
    // A slip with a blank or the shift key reaches nobody.
    alice.type(' /VERIFY\r')
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
  await expect(masked(since(alice, '/verify'))).toMatchFileSnapshot('../screens/verification.txt')

  alice.type('/peers\r')
  await alice.until(rows => rows.some(row => /^bob .* verified$/.test(row)))
})

test('a yes after the conversation has ended marks nothing', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await aliceAtTerminal(testbed)
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  alice.type('/verify\r')
  await alice.until(lastRow('yes or no?'))
  expect(await bob.finish()).toBe(0)
  await alice.until('conversation with bob: ended')
  alice.type('yes\r')
  await alice.until('nothing has changed: the conversation with bob has ended')
  alice.type('/peers\r')
  await alice.until(rows => rows.some(row => /^bob .* known$/.test(row)))
})

test('a changed key is explained, out and in, and /forget asks', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  expect(await testbed.start('alice', '--to', 'bob').finish()).toBe(0)
  await bob.finish()
  const other = await openTestbed('aes-chat')
  const impostor = await other.client('bob')
  const there = testbedAround('aes-chat', other.directory, testbed.home)
  const pipe = await there.pipe('alice', ['--to', 'bob'], { input: 'hello\n' }).ended()
  expect([pipe.code, pipe.stderr]).toEqual([
    3,
    expect.stringMatching(
      /^conversation with bob: bob answered with a key other than.*\(key-changed\)\n {2}ask bob .*\/forget bob .*\n$/m,
    ),
  ])
  expect(pipe.stderr).not.toContain('What happened')
  // Whose own key is new is told neither who called nor why it was refused, but what is likely.
  expect(await impostor.next('error')).toMatchObject({
    code: 'handshake-failed',
    hint: expect.stringMatching(/^the caller may remember another key of yours; .* ask them to type \/forget bob;/),
  })
  const alice = await aliceAtTerminal(there)

  alice.type('/chat bob\r')
  await alice.until('the new one stays out.')
  alice.type('/forget bob\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('no\r')
  await alice.until('the key of bob stays as it is')
  await alice.until(lastRow('alice>'))
  await expect(masked(since(alice, '/chat bob'))).toMatchFileSnapshot('../screens/changed-key.txt')

  alice.type('/help forget\r')
  await alice.until('/forget NAME')
  impostor.say('/chat alice')
  await alice.until('a call came in the name of bob with a key other than the one remembered')
  await alice.until('The call was refused. Your chat goes on.')
  await alice.until('Yes, it is new: /forget bob, then /chat bob, and compare with /verify bob')
  const rows = alice.lines()
  const told = rows.slice(rows.findLastIndex(row => row.includes('a call came in the name of bob')))
  expect(told.length).toBeGreaterThan(8)
  expect(told.join('\n')).not.toMatch(/NAME|that person|no call from/)
  expect(await impostor.next('closed')).toMatchObject({
    peer: 'alice',
    code: 'handshake-failed',
    hint: expect.stringMatching(/^alice may remember another key of yours; .* ask alice to type \/forget bob;/),
  })

  alice.type('/forget bob\r')
  await alice.until(lastRow('yes or no?'))
  alice.type('yes\r')
  await alice.until('the key of bob is forgotten')
  alice.type('/forget bob\r')
  await alice.until('you remember no key of bob (unknown-user)')
  await alice.until(lastRow('alice>'))
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
})

test.each([
  ['a terminal that is too narrow says how many columns it takes', { cols: 40, rows: 24 }, [], 'of 41 columns'],
  ['a screen reader gets none', { cols: 80, rows: 24 }, ['--plain'], 'no QR code here'],
  ['without colours there is none', { cols: 80, rows: 24 }, ['--no-color'], 'no QR code here'],
])('a QR code is not broken: %s', async (_, size, args, remark) => {
  const alice = await aliceAtTerminal(await openTestbed('aes-chat'), size, args)
  alice.type('/invite\r')
  await alice.until(remark)
  const shown = alice.lines().join('\n')
  expect(shown).toContain('chat:alice@')
  expect(shown).not.toMatch(/[█▀▄]/)
})

test('80 columns and 24 rows show all of /help, and an invite whose QR code a camera reads on every background', async () => {
  const alice = await aliceAtTerminal(await openTestbed('aes-chat'), { cols: 80, rows: 24 })
  const topRow = () => alice.lines().length - 24
  alice.type('/help\r')
  await alice.until('/help COMMAND says more about a command')
  await alice.until(lastRow('alice>'))
  expect(alice.lines().slice(topRow())).toContain('talking:')
  alice.type('/invite\r')
  await alice.until(hasCode)
  const rows = alice.lines()
  expect(rows.join('\n')).toContain('it works on this machine only')
  const above = rows.findIndex(row => /^chat:alice@127\.0\.0\.1:\d+#[\w-]{43}$/.test(row))
  expect(above).toBeGreaterThanOrEqual(topRow())
  for (const theme of THEMES) {
    const image = alice.image(above + 2, rows.length - 1, theme)
    expect(decodeQR(image, { timeLimit: Infinity })).toBe(rows[above])
    expect(inkedArea(image, theme)).toEqual([4, 4, CODE - 5, CODE - 5])
  }
})

const THEMES: readonly Theme[] = [
  { foreground: 229, background: 0, black: 0, white: 255 },
  { foreground: 0, background: 255, black: 0, white: 255 },
  { foreground: 131, background: 43, black: 54, white: 246 },
]

/** The modules within the picture that are not paper: the first column and row of them, and the last ones. */
function inkedArea({ width, data }: ScreenImage, { white }: Theme): number[] {
  const inked = [...data.keys()]
    .filter(at => data[at] !== white)
    .map(at => Math.floor(at / 3))
    .map(pixel => ({ x: Math.floor((pixel % width) / SIDE), y: Math.floor(pixel / width / SIDE) }))
    .filter(({ x }) => x < CODE)
  const [xs, ys] = [inked.map(({ x }) => x), inked.map(({ y }) => y)]
  const least = (numbers: number[]) => numbers.reduce((one, other) => Math.min(one, other), Infinity)
  const most = (numbers: number[]) => numbers.reduce((one, other) => Math.max(one, other), -Infinity)
  return [least(xs), least(ys), most(xs), most(ys)]
}
