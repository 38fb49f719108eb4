import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { type Group, namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { EVALUATE, RESULT } from '@p2p-secure-chat/calculator/messages'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { ANSWER, OFFER, RETRY } from '@p2p-secure-chat/dh-chat/messages'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { afterAll, expect, test } from 'vitest'
import { binPath, runBin, startBin } from '../../../core/test/support/process.ts'
import { openScreen } from '../../../core/test/support/screen/screen.ts'
import { textbookKey, toyGroupNamed } from '../../src/textbook/toy-exchange.ts'
import { answerToyCall, placeToyCall, TOY_SCRIPT } from '../../src/crack/toy-conversation.ts'
import { openPath } from '@p2p-secure-chat/stage/path'
import { recorded, type Sent } from '../../../dissector/test/support/capture-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'crack-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0

/** Writes a capture, or anything else. */
function fileOf(bytes: Uint8Array | string): string {
  files += 1
  const path = join(folder, `${files}.pcap`)
  writeFileSync(path, bytes)
  return path
}

const crack = (...args: readonly string[]) => runBin('chat-lab', ['crack', ...args])

/** Every line that --json gives, read. */
async function crackJson(...args: readonly string[]): Promise<{ code: number | null; events: Event[] }> {
  const { code, stdout } = await crack(...args, '--json')
  return {
    code,
    events: stdout
      .trimEnd()
      .split('\n')
      .map((line): Event => JSON.parse(line)),
  }
}
type Event = Readonly<Record<string, unknown>> & { readonly event: string }

const named = (events: readonly Event[], name: string) => events.filter(({ event }) => event === name)
const textsIn = (events: readonly Event[]) => named(events, 'message').map(({ from, text }) => [from, text])

/** What crosses the path while alice and bob talk in a group. */
async function talkIn(group: Group, protocol: 'peer-dh/1' | 'peer-aes/1'): Promise<readonly Sent[]> {
  const options = { group, protocol }
  const callee = await answerToyCall({ host: '127.0.0.1', port: 0 }, options)
  const path = await openPath({ unit: 'segment' })
  path.forwardTo(callee.address)
  try {
    await Promise.all([placeToyCall(path, options), callee.over])
    return path.passed
  } finally {
    path.stop()
  }
}

const SAID = TOY_SCRIPT.map(([role, text]) => [role === 'initiator' ? 'alice' : 'bob', text])

test.each([
  ['toy32', 'peer-dh/1', 'baby-step giant-step'],
  ['toy40', 'peer-aes/1', 'pollard rho'],
] as const)('a conversation in %s over %s is read from the capture alone', async (name, protocol, method) => {
  const file = fileOf(recorded(await talkIn(toyGroupNamed(name), protocol)))
  const { code, events } = await crackJson(file)
  expect(code).toBe(0)
  expect(textsIn(events)).toEqual(SAID)
  expect(named(events, 'search')).toMatchObject([{ method, p: String(toyGroupNamed(name).p) }])
  expect(named(events, 'exponent')).toMatchObject([{ of: { host: '10.0.0.2', port: 40_000 }, proved: true }])
  expect(events.at(-1)).toMatchObject({ v: 1, event: 'done', recovered: 4 })
})

test('what was said is shown, and the keys go into a key log of our own, not over a file that is there', async () => {
  const file = fileOf(recorded(await talkIn(toyGroupNamed('toy24'), 'peer-aes/1')))
  const keylog = join(folder, 'found.keys')
  const first = await crack(file, '--keylog', keylog)
  expect([first.code, first.stderr]).toEqual([0, expect.stringContaining('found.keys')])
  for (const [from, text] of SAID) expect(first.stdout.replace(/\s+/g, ' ')).toContain(`${from}: ${text}`)
  expect(first.stdout).toContain('recovered 4 messages')
  const written = readFileSync(keylog, 'utf8')
  expect(written).toMatch(
    /^(?:#.*\n)+P2PC_HANDSHAKE_SECRET [0-9a-f]{64} [0-9a-f]{64}\nP2PC_SESSION_SECRET [0-9a-f]{64} [0-9a-f]{64}\n$/,
  )
  expect(statSync(keylog).mode & 0o777).toBe(0o600)

  const second = await crack(file, '--keylog', keylog)
  expect([second.code, second.stdout, second.stderr]).toEqual([1, '', expect.stringContaining('(unwritable)')])
  expect(readFileSync(keylog, 'utf8')).toBe(written)
})

test('a real group is out of reach, and the numbers say why', async () => {
  const [one, other] = [namedGroup('ffdhe2048'), namedGroup('ffdhe3072')]
  const file = fileOf(
    recorded(await talkIn(one, 'peer-aes/1'), await talkIn(other, 'peer-dh/1'), await talkIn(one, 'peer-dh/1')),
  )
  const keylog = join(folder, 'none.keys')
  const { code, stdout, stderr } = await crack(file, '--keylog', keylog)
  expect(code).toBe(1)
  expect(existsSync(keylog)).toBe(false)
  expect(stderr).toBe('note: no key log was written: no key was found\n')
  const report = stdout.replace(/\s+/g, ' ')
  expect(report).toContain('ffdhe2048 (connections 0, 2): out of reach')
  expect(report).toContain('2 sqrt(w) = 2^113 (1.0e+34) steps')
  expect(report).toContain('for 2048 bits 2^116.88 (1.5e+35) operations')
  expect(report).toContain('ffdhe3072 (connection 1): out of reach')
  expect(report).toContain('recovered nothing')
  const { events } = await crackJson(file)
  expect(named(events, 'infeasible')).toMatchObject([
    { group: 'ffdhe2048', connections: [0, 2], exponentBits: 225, kangarooStepsLog2: 113 },
    { group: 'ffdhe3072', connections: [1], exponentBits: 275, kangarooStepsLog2: 138 },
  ])
})

/** A conversation in the textbook's format with p = 23, g = 5. */
function textbook([a, b]: readonly [number, number], secret: number | null, texts: readonly string[]): Sent[] {
  const seal = (text: string) => {
    if (secret === null) return Buffer.from(text)
    const iv = randomBytes(16)
    return Buffer.concat([iv, encryptCbc(textbookKey(BigInt(secret)), iv, Buffer.from(text))])
  }
  const from = (i: number) => (i % 2 === 0 ? 'dialler' : 'listener')
  return [
    { from: 'dialler', bytes: Buffer.from(String(a)) },
    { from: 'listener', bytes: Buffer.from(String(b)) },
    ...texts.map((text, i) => ({ from: from(i), bytes: seal(text) }) as const),
  ]
}

const ALICE = '10.0.0.2:40000'
const BOB = '10.0.0.3:10001'

test('conversations of the textbook are read, and its group is named', async () => {
  // 5^6 = 8, 5^15 = 19, and 5^3 = 10, 5^8 = 16 modulo 23; both lead to 2.
  const texts = ['Hi Bob!', 'Nobody reads this 🤫']
  const file = fileOf(recorded(textbook([8, 19], 2, texts), textbook([10, 16], 2, ['EOM', 'EOM'])))
  const { code, events } = await crackJson(file)
  expect(code).toBe(0)
  expect(textsIn(events).slice(0, 2)).toEqual([
    [ALICE, texts[0]],
    [BOB, texts[1]],
  ])
  expect(named(events, 'secret')).toMatchObject([
    { steps: 65_536, fits: [{ secret: 2, sample: 'Hi Bob!' }] },
    { steps: 65_536, fits: [{ secret: 2, sample: 'EOM' }] },
  ])
  const [common] = named(events, 'groups')
  expect(common?.['groups']).toContainEqual(expect.objectContaining({ p: 23, g: 5 }))

  const { stdout } = await crack(file)
  expect(stdout).toContain('p = 23, g = 5 (with a = 6, b = 15)')
  expect(stdout).toContain('groups that fit all 2 conversations')

  const keylog = join(folder, 'textbook.keys')
  const { code: again, stderr } = await crack(file, '--keylog', keylog)
  expect([again, stderr]).toEqual([0, "note: no key log was written: the textbook's format has no key log\n"])
  expect(existsSync(keylog)).toBe(false)
})

test('where two secrets open a record, both are told, and nothing in it reaches the terminal', async () => {
  const record = Buffer.from('a0a9680e6e798d62b71343b8b7a986bb0001851bfd0baa7be467c9e15fcf0ae5', 'hex')
  const sent: Sent[] = [
    ...textbook([8, 19], 2, []),
    { from: 'dialler', bytes: record },
    { from: 'listener', bytes: Buffer.from('EOM') },
  ]
  const { code, stdout } = await crack(fileOf(recorded(sent)))
  expect(code).toBe(0)
  expect(stdout).toContain('s = 255, the likeliest of those that fit')
  expect(stdout).toContain('s = 38: ␟b')
  expect(stdout).toContain(`${ALICE}: yes`)
  // oxlint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\0-\x09\x0b-\x1f]/)
})

test('the texts of its third step are in the open, and are shown', async () => {
  const { code, events } = await crackJson(fileOf(recorded(textbook([8, 19], null, ['Hi Bob!', 'Hi Alice!']))))
  expect(code).toBe(0)
  expect(named(events, 'search')).toEqual([])
  expect(textsIn(events)).toEqual([
    [ALICE, 'Hi Bob!'],
    [BOB, 'Hi Alice!'],
  ])
})

test('altered and cut records of the textbook are told, and the others read', async () => {
  const sent = textbook([8, 19], 2, ['one', 'two', 'three', 'four', 'five'])
  const altered = sent.map(({ from, bytes }, i) => {
    if (i === 3) return { from, bytes: bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 0xff : byte)) }
    return { from, bytes: i === 5 ? bytes.subarray(0, 20) : bytes }
  })
  const { code, events } = await crackJson(fileOf(recorded(altered)))
  expect(code).toBe(0)
  expect(textsIn(events).map(([, text]) => text)).toEqual(['one', null, 'three', null, 'five'])
  expect(events.at(-1)).toMatchObject({ recovered: 3 })
})

const frame = (from: Sent['from'], message: Parameters<typeof encodeFrame>[0]): Sent => ({
  from,
  bytes: encodeFrame(message),
})

test('where everything is in the open there is nothing to crack', async () => {
  const hello = HELLO.message({ protocol: 'calc/1' })
  const file = fileOf(
    recorded([
      frame('dialler', hello),
      frame('listener', hello),
      frame('dialler', jsonMessage(EVALUATE.type, { id: 1, expression: '2 + 3' })),
      frame('listener', jsonMessage(RESULT.type, { id: 1, result: '5' })),
    ]),
  )
  const { code, stdout } = await crack(file)
  expect(code).toBe(1)
  expect(stdout).toMatch(/calc\/1 hides nothing, .*: use npx --no-install chat-lab\s+read FILE\./)
})

/** A handshake up to ANSWER, as somebody makes it up. */
function exchange(group: string, [a, b]: readonly [string, string]): Sent[] {
  const hello = HELLO.message({ protocol: 'peer-aes/1' })
  const nonce = '00'.repeat(32)
  return [
    frame('dialler', hello),
    frame('listener', hello),
    frame('dialler', jsonMessage(OFFER.type, { groups: [group], group, public: a, nonce })),
    frame('listener', jsonMessage(ANSWER.type, { group, public: b, nonce })),
  ]
}

test('exchanges that somebody made up are told for what they are', async () => {
  const made = [
    ['toy24', ['fff616', '000004'], 'is not a power of g'],
    ['toy24', ['000004', '000000'], 'is not a power of g'],
    ['toy24', ['000004', 'ffffffffff'], 'is not a power of g'],
    ['toy24', ['000004', '000008'], 'None: the tag of the first IDENTITY is missing'],
    ['toy99', ['000004', '000008'], 'toy99 (connection 4): an unknown group'],
    ['sha256:00', ['0'.repeat(512), '00'], 'a p of about 2048 bits'],
    ['\u001b[31m', ['04', '08'], '␛[31m'],
    ['toy24', ['', 'x'], 'is not in the capture'],
  ] as const
  const file = fileOf(recorded(...made.map(([group, values]) => exchange(group, values))))
  const { code, stdout, stderr } = await crack(file)
  expect([code, stderr]).toEqual([1, ''])
  let report = stdout.replace(/\s+/g, ' ')
  for (const [, , says] of made) {
    expect(report).toContain(says)
    // Where two say the same, it is there twice.
    report = report.replace(says, '')
  }
  expect(stdout).not.toContain('\u001b')
})

test('offers from both sides and then frames that are none are no exchange', async () => {
  const [, , offer, answer] = exchange('ffdhe2048', ['7'.repeat(512), '8'.repeat(512)])
  const [dialler, listener] = exchange('ffdhe2048', ['', ''])
  if (!offer || !answer || !dialler || !listener) throw new TypeError('an exchange is four frames')
  const none = (from: Sent['from'], type: number) => frame(from, jsonMessage(type, { group: 7 }))
  const sent = [dialler, listener, offer, { ...offer, from: 'listener' } as const]
  const file = fileOf(recorded([...sent, none('dialler', OFFER.type), none('listener', ANSWER.type)]))
  const { code, stdout, stderr } = await crack(file)
  expect([code, stderr]).toEqual([1, ''])
  expect(stdout).toContain('is not in the capture')
})

test('an exchange in which another group was asked for is that in the second group, and ends with ANSWER', async () => {
  const nonce = '00'.repeat(32)
  const offer = (group: string, digits: number) =>
    frame(
      'dialler',
      jsonMessage(OFFER.type, { groups: ['ffdhe3072', 'ffdhe2048'], group, public: '7'.repeat(digits), nonce }),
    )
  const sent = [
    ...exchange('', ['', '']).slice(0, 2),
    offer('ffdhe3072', 768),
    frame('listener', jsonMessage(RETRY.type, { group: 'ffdhe2048' })),
    offer('ffdhe2048', 512),
    frame('listener', jsonMessage(ANSWER.type, { group: 'ffdhe2048', public: '8'.repeat(512), nonce })),
    offer('ffdhe3072', 768),
  ]
  const { events } = await crackJson(fileOf(recorded(sent)))
  const publicValues = [BigInt(`0x${'7'.repeat(512)}`), BigInt(`0x${'8'.repeat(512)}`)].map(String)
  expect(named(events, 'seen')).toMatchObject([{ group: 'ffdhe2048', bits: 2048, publicValues }])
})

test('an exchange that somebody altered on the way is solved, and opens nothing', async () => {
  const sent = await talkIn(toyGroupNamed('toy24'), 'peer-aes/1')
  const group = toyGroupNamed('toy24')
  const altered = sent.map(({ from, bytes }) => {
    const text = Buffer.from(bytes).toString('latin1')
    if (!text.includes('"public"') || from === 'dialler') return { from, bytes }
    return {
      from,
      bytes: Buffer.from(
        text.replace(/"public":"[0-9a-f]{6}"/, `"public":"${group.g.toString(16).padStart(6, '0')}"`),
        'latin1',
      ),
    }
  })
  const { code, events } = await crackJson(fileOf(recorded(altered)))
  expect(named(events, 'exponent')).toMatchObject([{ proved: false }])
  expect([code, textsIn(events)]).toEqual([1, []])
})

test.each([
  [fileOf(''), [], 'bad-capture', 1],
  [fileOf('this is no capture'), [], 'bad-capture', 1],
  [join(folder, 'missing.pcap'), [], 'unreadable', 1],
  [folder, [], 'unreadable', 1],
  [fileOf(recorded()), ['--seconds', '0'], 'usage', 2],
  [fileOf(recorded()), ['--seconds', 'x'], 'usage', 2],
  [fileOf(recorded()), ['--keylog', '-'], 'usage', 2],
  ['-', [], 'usage', 2],
])('%s with %j is %s', async (file, args, error, exit) => {
  const { code, stdout, stderr } = await crack(file, ...args)
  expect([code, stdout]).toEqual([exit, ''])
  expect(stderr).toContain(`(${error})`)
})

test('a capture without a conversation of ours gives nothing', async () => {
  const { code, stdout } = await crack(
    fileOf(recorded([{ from: 'dialler', bytes: Buffer.from('GET / HTTP/1.0\r\n\r\n') }])),
  )
  expect([code, stdout]).toEqual([1, 'there is no conversation in this capture\n'])
})

test('a search ends with its time, and says what it would have taken', async () => {
  const file = fileOf(recorded(await talkIn(toyGroupNamed('toy64'), 'peer-aes/1')))
  const { code, stdout } = await crack(file, '--seconds', '1')
  expect(code).toBe(1)
  expect(stdout).toContain('given up')
  expect(stdout.replace(/\s+/g, ' ')).toMatch(/On average it takes \d+ (?:s|minutes|hours|days) at that rate/)

  const { code: interrupted, stdout: rest } = await interruptedAfter('search', file)
  expect(interrupted).toBe(1)
  expect(rest).toContain('"event":"gave-up"')
})

test('Ctrl-C ends the search, and what was found by then is shown and saved', async () => {
  const [small, large] = [
    await talkIn(toyGroupNamed('toy24'), 'peer-dh/1'),
    await talkIn(toyGroupNamed('toy64'), 'peer-dh/1'),
  ]
  const keylog = join(folder, 'interrupted.keys')
  const { code, stdout } = await interruptedAfter('exponent', fileOf(recorded(small, large)), '--keylog', keylog)
  expect(code).toBe(0)
  expect(stdout).toContain('"event":"gave-up"')
  expect(stdout).toContain('"recovered":4')
  expect(readFileSync(keylog, 'utf8')).toContain('P2PC_SESSION_SECRET ')
})

async function interruptedAfter(event: string, ...args: readonly string[]) {
  const program = startBin('chat-lab', ['crack', ...args, '--json'])
  while (!(await program.line()).includes(`"event":"${event}"`));
  program.kill('SIGINT')
  return program.ended()
}

test('on a terminal it shows how far it is, on one line that is gone afterwards', async () => {
  const file = fileOf(recorded(await talkIn(toyGroupNamed('toy64'), 'peer-aes/1')))
  const screen = openScreen({ command: process.execPath, args: [binPath('chat-lab'), 'crack', file], cols: 90 })
  try {
    await screen.until('steps, ')
    expect(screen.lines().join('\n')).toMatch(/[\d,]+ of about 3,867,220,579 steps, /)
    screen.type('\u0003')
    expect(await screen.exit).toBe(1)
    expect(screen.lines().join('\n')).not.toContain('of about 3,867,220,579 steps, ')
    expect(screen.lines().at(-1)).toBe('recovered nothing')
    expect(screen.written()).toContain('\u001b[')
  } finally {
    screen.kill()
  }
})
