import { PLACES_OF_NETWORK } from '@p2p-secure-chat/core/limits/places'
import { GOODBYE, HELLO, KEEPALIVE } from '@p2p-secure-chat/core/wire/common-messages'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type CalculatorOptions, CLIENTS, startCalculator } from '../src/server.ts'
import { DEADLINES } from '../src/session.ts'
import { frame, HELLO_BYTES, type RawPeer, rawClient } from './support/raw-peer.ts'
import { EVALUATE, RESULT } from '../src/messages.ts'
import { stretched } from '../../core/test/support/patience.ts'

const ERROR = 0x02
const GOODBYE_BYTES = frame(GOODBYE.type, '')

async function startServer(options: Partial<CalculatorOptions> = {}) {
  const server = await startCalculator({ host: '127.0.0.1', port: 0, ...options })
  onTestFinished(() => server.stop())
  return server
}

/** A client after both hellos. */
async function greeted(server: { host: string; port: number }): Promise<RawPeer> {
  const client = await rawClient(server)
  client.write(HELLO_BYTES)
  expect((await client.receive())?.text).toBe('P2PC{"protocol":"calc/1"}')
  return client
}

/** Settles when the connection is gone, in order or not. */
const closeOf = (client: RawPeer) => new Promise(resolve => client.socket.once('close', resolve))

/** Notices that the other side is gone altogether, not just silent. */
async function pokeUntilClosed(client: RawPeer): Promise<void> {
  const poke = setInterval(() => client.write(GOODBYE_BYTES), 50)
  onTestFinished(() => clearInterval(poke))
  await closeOf(client)
}

const question = (id: number, expression: string) => [EVALUATE.type, { id, expression }] as const

test('answers are numbered as the questions and come in their order', async () => {
  const client = await greeted(await startServer())
  client.send(question(7, '2 + 3 * 4'), question(3, '1/0'), question(0, '0.1 + 0.2'))
  expect([await client.receive(), await client.receive(), await client.receive()]).toEqual([
    { type: RESULT.type, text: '{"id":7,"result":"20"}' },
    {
      type: RESULT.type,
      text: '{"id":3,"error":{"code":"division-by-zero","message":"division by zero at column 3","column":3}}',
    },
    { type: RESULT.type, text: '{"id":0,"result":"0.3"}' },
  ])
})

test('everything asked before the goodbye is answered before the server’s goodbye', async () => {
  const client = await greeted(await startServer())
  client.send(...Array.from({ length: 5_000 }, (_, id) => question(id, `${id} + 1`)))
  client.write(GOODBYE_BYTES)
  client.socket.end()
  const messages = await client.rest()
  expect(messages.pop()).toEqual({ type: GOODBYE.type, text: '' })
  expect(messages.map(({ text }) => text)).toEqual(
    Array.from({ length: 5_000 }, (_, id) => `{"id":${id},"result":"${id + 1}"}`),
  )
})

test('a connection that arrives byte by byte is served like any other', async () => {
  const client = await rawClient(await startServer())
  client.socket.setNoDelay(true)
  for (const byte of Buffer.concat([
    HELLO_BYTES,
    frame(EVALUATE.type, { id: 1, expression: '6 * 7' }),
    GOODBYE_BYTES,
  ])) {
    await new Promise(resolve => client.socket.write(Uint8Array.of(byte), resolve))
  }
  expect((await client.rest()).map(({ type }) => type)).toEqual([HELLO.type, RESULT.type, GOODBYE.type])
})

test('the largest expression that fits is evaluated', async () => {
  const client = await greeted(await startServer())
  const depth = 32_700
  client.send(question(1, `${'('.repeat(depth)}1${')'.repeat(depth)}`))
  expect(await client.receive()).toEqual({ type: RESULT.type, text: '{"id":1,"result":"1"}' })
})

const header = (length: number, type: number) => Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length, type)

test.each([
  ['a frame without a type', header(0, EVALUATE.type), 'bad-frame'],
  ['a type that nobody knows', header(1, 0x77), 'unknown-type'],
  ['a type of another protocol', header(3, 0x53), 'unknown-type'],
  ['the announcement of 4 GiB', header(0xffff_ffff, EVALUATE.type), 'too-large'],
  ['one byte too many', header(64 * 1024 + 2, EVALUATE.type), 'too-large'],
  ['a goodbye with a body', frame(GOODBYE.type, 'x'), 'too-large'],
  ['bytes that are not UTF-8', Uint8Array.of(0, 0, 0, 3, EVALUATE.type, 0xc3, 0x28), 'bad-message'],
  ['half of a JSON object', frame(EVALUATE.type, '{"id":1,'), 'bad-message'],
  ['an array', frame(EVALUATE.type, '[1,"2"]'), 'bad-message'],
  ['100 KB of brackets, in parts', Buffer.concat([frame(EVALUATE.type, '['.repeat(50_000))]), 'bad-message'],
  ['a question without a number', frame(EVALUATE.type, { expression: '1' }), 'bad-message'],
  ['a negative number', frame(EVALUATE.type, { id: -1, expression: '1' }), 'bad-message'],
  ['a polluted prototype', frame(EVALUATE.type, '{"__proto__":{"id":1},"expression":"1"}'), 'bad-message'],
  ['an answer', frame(RESULT.type, { id: 1, result: '1' }), 'unexpected-message'],
  ['a second hello', HELLO_BYTES, 'unexpected-message'],
])('%s ends that connection only, with the reason', async (_, bytes, code) => {
  const server = await startServer()
  const bystander = await greeted(server)
  const client = await greeted(server)
  client.send(question(1, '1 + 1'))
  client.write(bytes)
  const [first, second, ...others] = await client.rest()
  expect(first).toEqual({ type: RESULT.type, text: '{"id":1,"result":"2"}' })
  expect(second).toMatchObject({ type: ERROR })
  expect(JSON.parse(second?.text ?? '')).toMatchObject({ code })
  expect(others).toEqual([{ type: GOODBYE.type, text: '' }])
  bystander.send(question(9, '2 + 2'))
  expect(await bystander.receive()).toEqual({ type: RESULT.type, text: '{"id":9,"result":"4"}' })
})

test.each([
  ['in the place of the hello', [], { code: 'timeout', message: 'too slow' }],
  ['in the place of a question', [HELLO_BYTES], { code: 'bad-message', message: 'what is that?' }],
  ['that makes no sense', [HELLO_BYTES], {}],
])('an ERROR %s is not answered with another one', async (_, said, error) => {
  const client = await rawClient(await startServer())
  for (const bytes of said) client.write(bytes)
  client.send([ERROR, error])
  expect((await client.rest()).map(({ type }) => type)).toEqual([HELLO.type, GOODBYE.type])
})

test.each([
  ['a browser', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'wrong-protocol'],
  ['TLS', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3), 'wrong-protocol'],
  ['a question before the hello', frame(EVALUATE.type, { id: 1, expression: '1' }), 'wrong-protocol'],
  ['another protocol', frame(HELLO.type, 'P2PC{"protocol":"directory/1"}'), 'wrong-protocol'],
  ['another version', frame(HELLO.type, 'P2PC{"protocol":"calc/2"}'), 'wrong-version'],
  ['a hello without the magic', frame(HELLO.type, '{"protocol":"calc/1"}'), 'wrong-protocol'],
  ['a hello that is not JSON', frame(HELLO.type, 'P2PC{'), 'wrong-protocol'],
])('%s is told that this is a calculator', async (_, bytes, code) => {
  const client = await rawClient(await startServer())
  client.write(bytes)
  const [hello, error] = await client.rest()
  expect(hello?.text).toBe('P2PC{"protocol":"calc/1"}')
  expect(JSON.parse(error?.text ?? '')).toMatchObject({ code })
})

test('any bytes after the hello end in answers, an error or a wait, and the server goes on', async () => {
  const server = await startServer()
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.integer({ min: 0, max: 255 }), fc.string({ unit: 'binary' })).map(([type, body]) => frame(type, body)),
    fc.json().map(body => frame(EVALUATE.type, body)),
    fc.string({ unit: 'binary' }).map(expression => frame(EVALUATE.type, { id: 0, expression })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(noise, { maxLength: 5 }), async pieces => {
      const client = await greeted(server)
      client.write(Buffer.concat(pieces))
      client.socket.end()
      for (const { type } of await client.rest()) expect([ERROR, GOODBYE.type, RESULT.type]).toContain(type)
    }),
    { numRuns: 200 },
  )
  const client = await greeted(server)
  client.send(question(1, '1 + 1'))
  expect(await client.receive()).toEqual({ type: RESULT.type, text: '{"id":1,"result":"2"}' })
})

test('a client that pipelines does not keep the others waiting', async () => {
  const server = await startServer()
  const [greedy, modest] = [await greeted(server), await greeted(server)]
  // All of it fits into one read of the server.
  const total = 1_900
  greedy.send(...Array.from({ length: total }, (_, id) => question(id, '1')))
  await greedy.receive()
  modest.send(question(1, '1 + 1'))
  let answered = 1
  async function count() {
    for (; answered < total; answered += 1) await greedy.receive()
  }
  const counted = count()
  await modest.receive()
  expect(answered).toBeLessThan(total)
  await counted
})

test('however many pipeline, whoever asks now and then does not wait for all of them', async () => {
  const server = await startServer()
  const modest = await greeted(server)
  const total = 1_500
  const crowd = await Promise.all(Array.from({ length: 10 }, () => greeted(server)))
  let answered = 0
  const counted = crowd.map(async greedy => {
    greedy.send(...Array.from({ length: total }, (_, id) => question(id, `1${' + 1'.repeat(50)}`)))
    for (let i = 0; i < total; i++) {
      await greedy.receive()
      answered += 1
    }
  })
  const before: number[] = []
  while (answered < (crowd.length * total) / 2) {
    const asked = answered
    modest.send(question(1, '1 + 1'))
    await modest.receive()
    before.push(answered - asked)
  }
  await Promise.all(counted)
  // A turn is some 110 of these questions: a round of all ten is more than anybody may have to wait.
  expect(Math.max(...before)).toBeLessThan(1_100)
})

test('who says no hello is told so and disconnected', async () => {
  const server = await startServer({ deadlines: { ...DEADLINES, hello: 50 } })
  const [hello, error, goodbye] = await (await rawClient(server)).rest()
  expect([hello?.type, error?.type, goodbye?.type]).toEqual([HELLO.type, ERROR, GOODBYE.type])
  expect(error?.text).toContain('"code":"timeout"')
})

test('who is silent for long is disconnected', async () => {
  const server = await startServer({ deadlines: { ...DEADLINES, idle: 20, loss: 60 } })
  const rest = await (await greeted(server)).rest()
  expect(new Set(rest.map(({ type }) => type))).toEqual(new Set([KEEPALIVE.type]))
})

test('who sends keepalives is not silent', async () => {
  const server = await startServer({ deadlines: { ...DEADLINES, idle: 100, loss: 1_000 } })
  const client = await greeted(server)
  // Each is the answer to one of the server's, so that more than the limit passes.
  for (let beat = 0; beat < 12; beat++) {
    expect(await client.receive()).toEqual({ type: KEEPALIVE.type, text: '' })
    client.write(frame(KEEPALIVE.type, ''))
  }
  client.send(question(1, '1 + 1'))
  for (let next = await client.receive(); ; next = await client.receive()) {
    if (next?.type === KEEPALIVE.type) continue
    expect(next).toEqual({ type: RESULT.type, text: '{"id":1,"result":"2"}' })
    break
  }
})

test('who does not read its answers is not read any more, and is disconnected in the end', async () => {
  const server = await startServer({ deadlines: { ...DEADLINES, loss: 200 } })
  const client = await greeted(server)
  client.socket.pause()
  const questions = Buffer.concat(
    Array.from({ length: 1_000 }, (_, id) => frame(EVALUATE.type, { id, expression: '1/3' })),
  )
  const closed = closeOf(client)
  const rounds = 1_000
  let taken = 0
  for (let round = 0; round < rounds; round++) {
    client.socket.write(questions, error => {
      if (error == null) taken += 1
    })
  }
  await closed
  // All buffers on the way hold a few megabytes; this would be close to forty.
  expect(taken).toBeLessThan(rounds / 2)
})

/** Says hello and asks something: answered, or told that there is no place. */
async function knock(server: { host: string; port: number }, localAddress?: string): Promise<RawPeer | 'too-many'> {
  const client = await rawClient(server, localAddress)
  client.write(HELLO_BYTES)
  client.send(question(0, '1 + 1'))
  for (let heard = await client.receive(); heard?.type !== RESULT.type; heard = await client.receive()) {
    if (heard?.type === HELLO.type) continue
    expect(JSON.parse(heard?.text ?? '')).toMatchObject({ code: 'too-many' })
    await client.rest()
    client.socket.end()
    return 'too-many'
  }
  return client
}

test('beyond its limit the server says that it is full', async () => {
  const server = await startServer({ capacity: { all: 1, ofNetwork: 1, strangers: 1 } })
  const first = await greeted(server)
  expect(await knock(server)).toBe('too-many')

  first.write(GOODBYE_BYTES)
  first.socket.end()
  await first.rest()
  let third: RawPeer | 'too-many' = 'too-many'
  while (third === 'too-many') third = await knock(server)
  third.send(question(1, '1 + 1'))
  expect(await third.receive()).toEqual({ type: RESULT.type, text: '{"id":1,"result":"2"}' })
})

test('one address cannot have all places', async () => {
  const server = await startServer()
  const mallory = await Promise.all(Array.from({ length: 200 }, () => knock(server, '127.0.0.2')))
  const inside = mallory.filter(one => one !== 'too-many')
  expect(inside.length).toBeLessThanOrEqual(CLIENTS.ofNetwork)
  while (inside.length < CLIENTS.ofNetwork) {
    const one = await knock(server, '127.0.0.2')
    if (one !== 'too-many') inside.push(one)
  }
  expect(await knock(server, '127.0.0.2')).toBe('too-many')
  const alice = await greeted(server)
  alice.send(question(1, '1 + 1'))
  expect(await alice.receive()).toEqual({ type: RESULT.type, text: '{"id":1,"result":"2"}' })
})

test('silent connections of one address have few places, and make room after a second', async () => {
  const server = await startServer()
  const silent = await Promise.all(Array.from({ length: PLACES_OF_NETWORK }, () => rawClient(server)))
  for (const one of silent) await one.receive()
  // Sooner or later the first of them has had its second.
  let alice: RawPeer | 'too-many' = 'too-many'
  while (alice === 'too-many') alice = await knock(server)
  const lost = await Promise.race(silent.map(async one => one.receive()))
  expect(JSON.parse(lost?.text ?? '')).toMatchObject({ code: 'too-many' })
})

test('a client that says goodbye and then stays is disconnected', async () => {
  const client = await greeted(await startServer())
  client.write(GOODBYE_BYTES)
  await client.rest()
  await pokeUntilClosed(client)
})

test('at the end everybody hears a goodbye, and nobody can hold the server up', async () => {
  const server = await startCalculator({ host: '127.0.0.1', port: 0 })
  const [idle, mute, busy] = [await greeted(server), await rawClient(server), await greeted(server)]
  const polite = await greeted(server)
  busy.send(...Array.from({ length: 2_000 }, (_, id) => question(id, '1/3')))
  polite.socket.on('end', () => polite.socket.end(GOODBYE_BYTES))
  const started = performance.now()
  await server.stop()
  expect(performance.now() - started).toBeLessThan(stretched(1_900))
  for (const client of [idle, mute, busy, polite]) {
    expect((await client.rest()).at(-1)).toEqual({ type: GOODBYE.type, text: '' })
  }
  await expect(rawClient(server)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('when all clients leave at once the server is gone at once', async () => {
  const server = await startCalculator({ host: '127.0.0.1', port: 0 })
  const client = await greeted(server)
  client.socket.on('end', () => client.socket.end(GOODBYE_BYTES))
  const started = performance.now()
  await server.stop()
  expect(performance.now() - started).toBeLessThan(stretched(1_000))
})
