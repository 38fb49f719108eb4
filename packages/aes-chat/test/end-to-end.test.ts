import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Path, openPath, pass } from '../../stage/src/path.ts'
import { openTestbed, textsOf, type Testbed } from '../../dh-chat/test/support/chat-testbed.ts'

let testbed: Testbed

beforeAll(async () => {
  testbed = await openTestbed('aes-chat')
})

/** Reads until that many texts of others were shown; all of them, in order, with who said them. */
async function heard(
  chatter: { next(name: 'message'): Promise<Extract<ChatEvent, { event: 'message' }>> },
  count: number,
) {
  const texts: string[] = []
  while (texts.length < count) {
    const { direction, peer, text } = await chatter.next('message')
    if (direction === 'in') texts.push(`${peer}: ${text}`)
  }
  return texts
}

describe('alice and bob', () => {
  let proxy: Path

  beforeAll(async () => {
    proxy = await openPath()
    const bob = await testbed.client('bob', '--advertise', String(proxy.port))
    proxy.forwardTo(bob.listen)
  })

  /** Alice calls bob with `--to` and says a few things; what crossed the path between them. */
  async function session() {
    proxy.setTamper(pass)
    const alice = testbed.start('alice', '--to', 'bob')
    for (const text of ['the secret is xyzzy', 'and again: the secret is xyzzy']) alice.say(text)
    const exitCode = await alice.finish()
    const open = alice.events.find(event => event.event === 'open')
    return { exitCode, open, frames: [...proxy.passed] }
  }

  test('are new to each other once, then known, under the same safety number and fresh keys', async () => {
    const [first, next] = [await session(), await session()]
    const secured = { peer: 'bob', via: 'direct', confidential: true, integrity: true }
    expect([first.exitCode, first.open]).toEqual([0, expect.objectContaining({ ...secured, identity: 'new' })])
    expect([next.exitCode, next.open]).toEqual([0, expect.objectContaining({ ...secured, identity: 'known' })])
    expect(next.open).toMatchObject({
      safetyNumber: expect.stringMatching(/^(\d{5} ){11}\d{5}$/),
      fingerprint: expect.stringMatching(/^[\w-]{43}$/),
    })
    const lasting = ({ open }: typeof first) => open?.event === 'open' && [open.safetyNumber, open.fingerprint]
    expect(lasting(next)).toEqual(lasting(first))

    const blocks = [...first.frames, ...next.frames]
      .filter(({ type }) => type === RECORD.type)
      .flatMap(({ body }) => Buffer.from(body).toString('hex').match(/.{32}/g))
    expect(new Set(blocks).size).toBe(blocks.length)
  })

  test('show nobody on the path what they say or who they are', async () => {
    const { frames } = await session()
    const wire = Buffer.concat(frames.map(({ bytes }) => bytes)).toString('latin1')
    expect(wire).toContain('peer-aes/1')
    expect(wire).not.toMatch(/xyzzy|secret|alice|bob/)
  })

  test('say short things in records of one size', async () => {
    const sizes = new Set<number>()
    for (const text of ['yes', 'no', 'certainly not, and never ask me again']) {
      proxy.setTamper(pass)
      const alice = testbed.start('alice', '--to', 'bob')
      await alice.next('open')
      alice.say(text)
      await alice.next('delivered')
      expect(await alice.finish()).toBe(0)
      for (const { type, body } of proxy.passed) if (type === RECORD.type) sizes.add(body.length)
    }
    // A bucket of 64 bytes holds CALL, ACCEPT, short texts, receipts and the goodbye; IV, padding and tag come around it.
    expect([...sizes]).toEqual([16 + 64 + 16 + 32])
  })
})

test('10,000 lines from a pipe arrive in order, and each is acknowledged', async () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `line number ${i + 1}`)
  const bob5 = testbed.pipe('bob5', ['--accept', 'all', '--once'], { input: '' })
  const alice6 = testbed.pipe('alice6', ['--to', 'bob5', '--wait', '10', '--json'], {
    input: lines.map(line => `${line}\n`).join(''),
  })
  const [sent, received] = await Promise.all([alice6.ended(), bob5.ended()])
  expect(received.stdout).toBe(lines.map(line => `alice6: ${line}\n`).join(''))
  const events: ChatEvent[] = sent.stdout
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
  expect(events.filter(({ event }) => event === 'delivered')).toHaveLength(lines.length)
  expect([sent.code, received.code]).toEqual([0, 0])
})

describe.concurrent('texts', () => {
  const largest = 'ä'.repeat(8_192)
  const texts = [
    '',
    'smile 😀, family 👩‍👩‍👧, flag 🇨🇭, and e\u0301 in two characters',
    'مرحبا يا بوب',
    'שלום בוב, 3 > 2',
    '',
    ' spaces  around ',
    '日本語とタブ\tも',
    largest,
    '/ is no command behind a slash',
    '',
  ]
  const typed = texts.map(text => (text.startsWith('/') ? `/${text}` : text))

  test('of every kind arrive as they were written: empty, long, in all scripts', async () => {
    const alice10 = await testbed.client('alice10', '--once')
    const bob9 = testbed.pipe('bob9', ['--to', 'alice10'], { input: typed.join('\r\n') + '\r\n' })
    expect((await bob9.ended()).code).toBe(0)
    expect(await alice10.finish()).toBe(0)
    expect(textsOf(alice10.events)).toEqual(texts)
  })

  test('on a pipe are lines that name the speaker, and further lines of a text are indented', async () => {
    const alice9 = testbed.pipe('alice9', ['--accept', 'all', '--once'], { input: '' })
    const bob8 = testbed.start('bob8', '--to', 'alice9', '--wait', '10')
    bob8.say('')
    bob8.say('/json {"text":"first\\nalice9: second\\u001b[31m"}')
    expect(await bob8.finish()).toBe(0)
    const [first, , third, ...rest] = (await alice9.ended()).stdout.split('\n')
    expect([first, third]).toEqual(['bob8: ', expect.stringMatching(/^ {2}alice9: second/)])
    expect(rest).toEqual([''])
    expect(third).not.toContain('\u001b')
  })

  test('that are too long are an error with their line number, and the rest goes on', async () => {
    const alice8 = await testbed.client('alice8', '--once')
    const carol8 = testbed.pipe('carol8', ['--to', 'alice8'], { input: `one\n${largest}!\n\xff\nfour\n` })
    const { code, stderr } = await carol8.ended()
    expect([code, stderr]).toEqual([1, expect.stringContaining('line 2 is longer than 16384 bytes')])
    await alice8.finish()
    expect(textsOf(alice8.events)).toEqual(['one', '\xff', 'four'])
  })
})

test.concurrent('three people talk at once, each with each, although everybody calls everybody', async () => {
  const names = ['alice11', 'bob11', 'carol11']
  const people = await Promise.all(names.map(name => testbed.client(name)))
  names.forEach((name, i) => {
    for (const other of names) if (other !== name) people[i]?.say(`/msg ${other} hello ${other}`)
  })
  const all = await Promise.all(people.map(person => heard(person, 2)))
  names.forEach((name, i) => {
    const others = names.filter(other => other !== name)
    expect(all[i]?.sort()).toEqual(others.map(other => `${other}: hello ${name}`))
  })
  expect(await Promise.all(people.map(person => person.finish()))).toEqual([0, 0, 0])
})

test.concurrent('one client holds two conversations, and says to each what is meant for it', async () => {
  const carol7 = await testbed.client('carol7')
  const [alice5, carol5] = await Promise.all([testbed.client('alice5'), testbed.client('carol5')])
  for (const line of ['/chat alice5', 'to alice5', '/chat carol5', 'to carol5', '/msg alice5 aside', 'to carol5 too'])
    carol7.say(line)
  for (const line of ['/switch alice5', 'to alice5 again', '/leave', '/switch carol5', 'to carol5 last'])
    carol7.say(line)
  expect(await heard(alice5, 3)).toEqual(['carol7: to alice5', 'carol7: aside', 'carol7: to alice5 again'])
  expect(await heard(carol5, 3)).toEqual(['carol7: to carol5', 'carol7: to carol5 too', 'carol7: to carol5 last'])
  expect(await alice5.next('closed')).toMatchObject({ peer: 'carol7', reason: 'bye', code: null })
  carol5.say('still here')
  expect(await heard(carol7, 1)).toEqual(['carol5: still here'])
  expect(await Promise.all([carol7, alice5, carol5].map(person => person.finish()))).toEqual([0, 0, 0])
})

test.concurrent.each([
  ['SIGKILL', 'cut', 'cut', 1],
  ['SIGTERM', 'bye', null, 0],
] as const)('a peer that ends by %s is told as %s', async (signal, reason, code, exitCode) => {
  const name = `sara-${reason}`
  const [sara, bob12] = [await testbed.client(name), testbed.start(`bob12-${reason}`, '--to', name)]
  await bob12.next('open')
  bob12.say('hello')
  await bob12.next('delivered')
  sara.kill(signal)
  expect(await bob12.next('closed')).toMatchObject({ peer: name, reason, code })
  expect(await bob12.finish()).toBe(exitCode)
})
