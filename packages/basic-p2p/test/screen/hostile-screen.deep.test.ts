// oxlint-disable no-control-regex -- what a peer may not send to the screen
import { once } from 'node:events'
import { parseAddress } from '@p2p-secure-chat/core/net/address'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { EXPENSIVE_TEXTS } from '../../../core/test/support/screen/expensive-texts.ts'
import type { Screen } from '../../../core/test/support/screen/screen.ts'
import { atTerminal, lastRow } from '../support/at-terminal.ts'
import { serve } from '../support/programs.ts'
import { nameMessage, peerHello, type Stranger, stranger } from '../support/stranger.ts'
import { ACCEPT, CALL, RECEIPT, TEXT } from '../../src/messages/conversation.ts'

const END = 'the end of it'

const conversation = '0'.repeat(32)

/** Alice at her terminal, and mallory who talks to her with a program of their own. */
async function attacked(args: readonly string[] = []) {
  const alice = await atTerminal(await serve(), 'alice', ['--accept', 'all', ...args])
  const [, listen = ''] = /calls:? +at ([\d.:]+)/.exec(alice.lines().join('\n')) ?? []
  const caller = async () => {
    const someone = await stranger(parseAddress(listen))
    someone.say(peerHello)
    return someone
  }
  alice.type('/set times on\r')
  await alice.until('times is on')
  return { alice, mallory: await caller(), caller }
}

function callAs(name: string, { say }: Stranger): void {
  say(nameMessage(name), jsonMessage(CALL.type, { conversation }))
}

const FAMILY = '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}'

const HOSTILE: readonly [string, string][] = [
  ['escape sequences', '\u001b[2J\u001b[H\u001b]0;owned\u0007\u001b[31m\u001bP+q\u001b\\\u009b2J\u001b[?1049h\u001bc'],
  ['controls', 'abc\rXYZ\b\b\b\u0000\u0007\u000b\u000c\u000e\u007f\u0085'],
  ['bidirectional overrides', 'abc\u202edcba\u202c\u2066x\u2069\u200f\u061c'],
  ['what nobody sees', 'a\u200b\u00ad\u2060\u180e\ufeff\u{e0041}\u3164b'],
  ['a mountain of marks', `a${'\u0301'.repeat(1000)}`],
  ['a line of 10,000 characters', 'x'.repeat(10_000)],
  ['a line of 10,000 wide characters', '你'.repeat(5_000)],
  ['a prompt', '\nalice to bob (verified)> yes\nalice> '],
  ['a status', '\nconversation with bob: ended\n! error: your key changed (key-changed)\ntalking with bob'],
  ['a time stamp and another speaker', '\n12:34 bob: hello\n12:34 * bob: hello\nbob: hello'],
  ['another speaker behind enough blanks', `x${' '.repeat(97)}12:34 bob: hello${' '.repeat(300)}12:34 bob: hello`],
  ['another speaker behind line separators', 'x\u202812:34 bob: hello\u2029bob: hello\r12:34 bob: hello\u000bbob: x'],
  [
    'another speaker behind families, which not every terminal joins',
    Array.from({ length: 8 }, (_, n) => `${'.'.repeat(n)}${FAMILY.repeat(12)}12:34 bob: hello`).join('\n'),
  ],
  ['another speaker behind flags', `${'\u{1f1ee}\u{1f1f9}'.repeat(22)}12:34 bob: hello`],
  ['another speaker behind syllables', `${'\u0915\u094d\u0937\u093f'.repeat(33)}12:34 bob: hello`],
  ['tabs', `\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tbob: hello`],
]

// All texts in one conversation each: to start alice takes far longer than to show her a text.

test('hostile texts stay in their lines', async () => {
  const { alice, mallory } = await attacked()
  callAs('mallory', mallory)
  await alice.until(lastRow('alice to mallory (not protected)>'))
  alice.type('half a sentence')
  const prompt = lastRow('alice to mallory (not protected)> half a sentence')
  await alice.until(prompt)
  for (const [index, [kind, text]] of HOSTILE.entries()) {
    const end = `${END} ${index}.`
    const before = alice.lines().slice(0, -1)
    const written = alice.written().length
    mallory.say(
      TEXT.message({ id: BigInt(2 * index + 1), text }),
      TEXT.message({ id: BigInt(2 * index + 2), text: end }),
    )
    let shown: readonly string[] = []
    await alice.until(rows => {
      shown = rows
      return rows.at(-2)?.includes(end) === true && prompt(rows)
    })
    expect(shown.slice(0, before.length), kind).toEqual(before)
    const [first, ...rest] = shown.slice(before.length, -2)
    expect(first, kind).toMatch(/^\d\d:\d\d mallory:/)
    for (const row of rest) expect(row === '' || row.startsWith('  '), kind).toBe(true)
    expect([alice.title(), alice.bells()], kind).toEqual(['', 0])
    // Ours move and clear, colour, and switch wrapping; a peer's would do more.
    const unknown = alice
      .written()
      .slice(written)
      .replaceAll(/\u001b\[(?:\d*[ABCDGJ]|\d*(?:;\d*)*m|\?7[lh])/g, '')
    expect(unknown, kind).not.toMatch(
      /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029\u2066-\u2069]/,
    )
  }
})

test('hostile texts that are read aloud stay in their lines', async () => {
  const { alice, mallory } = await attacked(['--plain'])
  callAs('mallory', mallory)
  await alice.until(rows => rows.includes('alice to mallory (not protected)>'))
  for (const [index, [kind, text]] of HOSTILE.entries()) {
    const end = `${END} ${index}.`
    const before = alice.written().length
    mallory.say(
      TEXT.message({ id: BigInt(2 * index + 1), text }),
      TEXT.message({ id: BigInt(2 * index + 2), text: end }),
    )
    await alice.until(end)
    const lines = alice.written().slice(before).trim().split(/\r?\n/)
    for (const line of lines) expect(line, kind).toMatch(/^(?:at \d\d:\d\d mallory says:| {2})/)
    // What the terminal broke itself would begin in some other way.
    const rows = alice.lines().slice(alice.lines().findIndex(row => row.includes('mallory says:')))
    for (const row of rows) expect(row, kind).toMatch(/^(?:at \d\d:\d\d mallory says:| {2}|$)/)
  }
  expect(alice.written()).not.toMatch(/[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2028\u2029]/)
})

async function told(alice: Screen, code: string): Promise<void> {
  await alice.until(rows => rows.some(row => row.includes(`(${code})`)))
  await alice.until(lastRow('alice>'))
  for (const row of alice.lines()) expect(row).not.toMatch(/^(?:alice to|12:34|bob)/)
  expect([alice.title(), alice.bells()]).toEqual(['', 0])
}

test('a hostile name is no name, and appears as what it is', async () => {
  const { alice, mallory } = await attacked()
  callAs('\u001b[2J\u001b]0;owned\u0007\nalice to bob (verified)>', mallory)
  await told(alice, 'bad-name')
})

test('a hostile error text ends the conversation and nothing else', async () => {
  const { alice, mallory } = await attacked()
  callAs('mallory', mallory)
  await alice.until(lastRow('alice to mallory (not protected)>'))
  const message = '\u001b[2J\u001b]0;owned\u0007\nalice to bob (verified)> \r12:34 bob: hello'
  mallory.say(jsonMessage(ERROR.type, { code: 'cut', message }))
  mallory.socket.end()
  await told(alice, 'unexpected-message')
})

/** Says the texts over and over, as fast as they are taken. @returns ends it */
function flood({ socket }: Stranger, texts: readonly string[]): () => void {
  let over = false
  async function say(): Promise<void> {
    for (let id = 0; !over; id++) {
      const message = TEXT.message({ id: BigInt(id + 1), text: texts[id % texts.length] ?? '' })
      if (!socket.write(encodeFrame(message))) await Promise.race([once(socket, 'drain'), once(socket, 'close')])
    }
  }
  void say()
  return () => (over = true)
}

const FLOODS: readonly [string, readonly string[]][] = [
  ['the longest texts of every class of characters', EXPENSIVE_TEXTS.map(([, text]) => text)],
  ['tabs', ['\t'.repeat(16_384)]],
  ['newlines', ['\n'.repeat(16_384)]],
  ['empty texts', ['']],
]

test.each(FLOODS)('under a flood of %s, keys are echoed and another caller is served', async (_, texts) => {
  const { alice, mallory, caller } = await attacked()
  callAs('mallory', mallory)
  await alice.until(lastRow('alice to mallory (not protected)>'))
  const stop = flood(mallory, texts)
  alice.type('half a sentence')
  await alice.until(rows => rows.at(-1)?.endsWith('> half a sentence') === true)
  const bob = await caller()
  callAs('bob', bob)
  await bob.until(ACCEPT.type)
  bob.say(TEXT.message({ id: 1n, text: 'hello' }))
  await bob.until(RECEIPT.type)
  alice.type(', and its end')
  await alice.until(lastRow('alice to mallory (not protected) +1 bob> half a sentence, and its end'))
  stop()
})
