// oxlint-disable no-control-regex -- colours and titles are escape sequences
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { expect, test } from 'vitest'
import { runBin } from '../../../core/test/support/process.ts'
import { atTerminal, lastRow } from '../support/at-terminal.ts'
import { onlineBot, serve } from '../support/programs.ts'

const ALICE_TO_BOB = 'alice to bob (not protected)'

/** Alice at her terminal, talking to bob, with carol in another conversation. */
async function threeTalking(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice', ['--accept', 'all', ...args], env)
  const bob = await onlineBot(directory.address, 'bob', ['--accept', 'all'])
  const carol = await onlineBot(directory.address, 'carol')
  carol.write('/chat alice\n')
  await carol.until('open')
  alice.type('/chat bob\r')
  await bob.until('open')
  await alice.until('talking with bob')
  return { directory, alice, bob, carol }
}

test('the time stands before texts from when it is switched on', async () => {
  const { alice, bob } = await threeTalking()
  bob.write('without\n')
  await alice.until(rows => rows.includes('bob: without'))
  alice.type('/set times on\r')
  await alice.until('times is on')
  bob.write('with a time\n/json {"text":"two\\n12:34 alice: lines"}\n')
  await alice.until(rows => rows.some(row => /^\d\d:\d\d bob: with a time$/.test(row)))
  await alice.until(rows => rows.includes('  12:34 alice: lines'))
})

test('texts of other conversations are marked and counted, until /switch', async () => {
  const { alice, bob, carol } = await threeTalking([], { NO_COLOR: '1' })
  await alice.until(lastRow(`${ALICE_TO_BOB}>`))
  carol.write('one\n')
  await alice.until(lastRow(`${ALICE_TO_BOB} +1 carol>`))
  carol.write('two\n')
  await alice.until(lastRow(`${ALICE_TO_BOB} +2 carol>`))
  bob.write('here\n')
  await alice.until(rows => rows.includes('bob: here'))
  expect(alice.lines().filter(row => /^\* carol: (one|two)$/.test(row))).toHaveLength(2)
  alice.type('/switch carol\r')
  await alice.until(lastRow('alice to carol (not protected)>'))
  bob.write('again\n')
  await alice.until(lastRow('alice to carol (not protected) +1 bob>'))
  bob.write('/leave\n')
  await alice.until(lastRow('alice to carol (not protected)>'))
  expect(alice.written()).not.toMatch(/\u001b\[[\d;]*m/)
})

test('the bell rings and the title counts when they are asked for; the title is given back', async () => {
  const { alice, carol } = await threeTalking()
  carol.write('silent\n')
  await alice.until('carol: silent')
  expect([alice.bells(), alice.title()]).toEqual([0, ''])
  alice.type('/set bell on\r/set title on\r')
  await alice.until('title is on')
  expect(alice.title()).toBe('(1) alice - chat')
  carol.write('loud\n')
  await alice.until(() => alice.bells() === 1 && alice.title() === '(2) alice - chat')
  alice.type('/switch carol\r')
  await alice.until(() => alice.title() === 'alice - chat')
  alice.type('/set\r')
  await alice.until('title  on ')
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)
  expect(alice.written()).toMatch(/\u001b\[22;2t[^]*\u001b\[23;2t/)
})

test('a typo gets a suggestion: command, setting, name, and flag', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  await onlineBot(directory.address, 'bob')
  alice.type('/caht bob\r')
  await alice.until('! error: there is no /caht; did you mean /chat? (unknown-command)')
  alice.type('/set bel on\r')
  await alice.until('there is no setting bel; did you mean bell?')
  alice.type('/chat bbo\r')
  await alice.until('did you mean bob?')
  alice.type('/chat mallory\r')
  await alice.until(/* the end of that call */ rows => rows.some(row => /mallory.*\(unknown-user\)$/.test(row)))
  const { stderr } = await runBin('basic-chat-client', ['--nmae', 'alice'])
  expect(stderr).toBe("error: unknown option '--nmae' (Did you mean --name?) (usage)\n  see --help\n")
})

test.each([
  ['bob', 'there is no command bob'],
  ['completoin', 'there is no command completoin; did you mean completion?'],
])('%s where a flag belongs: it is said how to call somebody', async (word, message) => {
  expect(await runBin('basic-chat-client', [word])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: `error: ${message} (usage)\n  --to NAME calls somebody, --name NAME sets your own name; see --help\n`,
  })
})

test('each command says how it is used; a text before the answer says that it was too early', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  const bob = await onlineBot(directory.address, 'bob')
  alice.type('/msg\r')
  await alice.until(rows => rows.join('\n').includes('usage: /msg NAME TEXT (usage)\n  /help msg says more'))
  alice.type('/chat bob\r')
  await bob.until('call')
  alice.type('too early\r')
  await alice.until('! error: bob has not answered yet (no-conversation)')
  bob.write('/accept alice\n')
  await alice.until(lastRow(`${ALICE_TO_BOB}>`))
  alice.type('\u001b[A\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'too early' })
})

test('Tab asks the directory for names that were never heard of', async () => {
  const directory = await serve()
  const alice = await atTerminal(directory, 'alice')
  await onlineBot(directory.address, 'bob')
  alice.type('/chat b\t')
  await alice.until(lastRow('alice> /chat bob'))
})

test.each([
  ['--plain', ['--plain'], {}],
  ['TERM=dumb', [], { TERM: 'dumb' }],
])('%s: no escape sequence, every line in words and of its own', async (_, args, env) => {
  const { alice, bob, carol } = await threeTalking(args, env)
  await alice.until(rows => rows.includes(`${ALICE_TO_BOB}>`))
  alice.type('half a sen')
  await alice.until(rows => rows.at(-1) === 'half a sen')
  bob.write('/json {"text":"first\\nnotice: second"}\n')
  await alice.until(rows => rows.includes('bob says: notice: second'))
  carol.write('hello\n')
  await alice.until(rows => rows.includes('carol says: hello'))
  alice.type('x\u007ftence\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'half a sentence' })
  alice.type('/set bel on\r')
  await alice.until(rows => rows.includes('trouble: error: there is no setting bel; did you mean bell? (usage)'))
  alice.type('/swi\tcar\t\r')
  await alice.until(rows => rows.includes('alice to carol (not protected)>'))
  alice.type('never mind\u0003/help quit\r')
  await alice.until(rows => rows.includes('usage: /quit'))
  bob.write('/leave\n')
  await alice.until(rows => rows.includes('notice: conversation with bob: ended'))
  alice.type('\u0004')
  expect(await alice.exit).toBe(0)
  expect(alice.written()).not.toContain('\u001b')
})

test.each([
  ['--plain', ['--plain'], {}],
  ['TERM=dumb', [], { TERM: 'dumb' }],
])('%s: pasted lines are one text, which waits for Enter', async (_, args, env) => {
  const { alice, bob } = await threeTalking(args, env)
  await alice.until(rows => rows.includes(`${ALICE_TO_BOB}>`))
  alice.type('if (x) {\r\ty()\r\n\r}\r')
  await alice.until(rows => rows.slice(-4).join('|') === 'if (x) {|    y()||}')
  // Nothing has been sent: the line goes on, and can be taken back across its rows.
  alice.type(' // end\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'if (x) {\n\ty()\n\n} // end' })
  alice.type('one\ntwo')
  await alice.until(rows => rows.slice(-2).join('|') === 'one|two')
  alice.type('\u007f\u007f\u007f\u007f')
  await alice.until(rows => rows.slice(-2).join('|') === 'one|one')
  alice.type(', done\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'one, done' })
  alice.type('/quit\r')
  expect(await alice.exit).toBe(0)
  expect(alice.written()).not.toContain('\u001b')
})

test('/set plain changes the terminal at once, there and back', async () => {
  const { alice, bob } = await threeTalking()
  alice.type('/set plain on\r')
  await alice.until(rows => rows.at(-1) === 'plain is on' || rows.includes('plain is on'))
  const before = alice.written().length
  bob.write('hello\n')
  await alice.until('bob says: hello')
  alice.type('hi\r')
  expect(await bob.until('message', { direction: 'in' })).toMatchObject({ text: 'hi' })
  expect(alice.written().slice(before)).not.toContain('\u001b')
  alice.type('/set plain off\r')
  await alice.until(lastRow(`${ALICE_TO_BOB}>`))
  bob.write('again\n')
  await alice.until(rows => rows.includes('bob: again'))
  expect(alice.bracketedPaste()).toBe(true)
})

test('on this rung nothing is kept: neither settings nor lines outlast the program', async () => {
  const directory = await serve()
  const first = await atTerminal(directory, 'alice')
  first.type('/set times on\r/who\r/quit\r')
  expect(await first.exit).toBe(0)
  const second = await atTerminal(directory, 'alice')
  second.type('\u001b[A')
  second.type('/set\r')
  await second.until('times  off ')
  await second.until(rows => rows.includes('alice> /set'))
})

test('a flag for terminals means nothing to a pipe', async () => {
  const { address } = await serve()
  const args = ['--name', 'alice', '--directory', formatAddress(address), '--plain']
  expect(await runBin('basic-chat-client', args, { input: '/set bell on\n' })).toMatchObject({
    stderr: expect.stringContaining('/set only works at a terminal (usage)'),
  })
})
