import { setImmediate as nextTurn } from 'node:timers/promises'
import { CONCLUDE_DEADLINE } from '@p2p-secure-chat/core/net/conclude'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { HELLO, KEEPALIVE } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { memoryRegistry, type Registry } from '../../src/directory/registry.ts'
import { connect, online, testDirectory } from '../support/directory.ts'
import { happenings } from '../support/events.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { directoryHello, impostor, register, stranger } from '../support/stranger.ts'
import { REGISTERED, USERS, WELCOME, WHO } from '../../src/messages/directory.ts'
import { stretched } from '../../../core/test/support/patience.ts'

const KEEPALIVE_MESSAGE: Message = { type: KEEPALIVE.type, body: new Uint8Array(0) }

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  )

/** Names that went online (+) and offline (-). */
function presence() {
  const { add, ...seen } = happenings<string>()
  return { ...seen, onPresence: (name: string, isOnline: boolean) => add(`${isOnline ? '+' : '-'}${name}`) }
}

test('a registered user is found, with the address the directory sees and the port they gave', async () => {
  const directory = await testDirectory()
  await online(directory, 'alice', { port: 4321 })
  const bob = await online(directory, 'bob')
  expect(await bob.lookup('alice')).toMatchObject({ name: 'alice', host: '127.0.0.1', port: 4321, fingerprint: null })
  expect(await bob.lookup('bob')).toMatchObject({ name: 'bob', port: null })
})

test('who is not online is unknown', async () => {
  const directory = await testDirectory()
  const bob = await online(directory, 'bob')
  expect(await code(bob.lookup('alice'))).toBe('unknown-user')
  expect(await code(bob.lookup('not a name'))).toBe('unknown-user')
  expect((await bob.who('')).users).toEqual([{ name: 'bob' }])
})

test('a name belongs to one connection at a time, and is free again with its goodbye', async () => {
  const directory = await testDirectory()
  const watcher = presence()
  const bob = await online(directory, 'bob', { onPresence: watcher.onPresence })
  await bob.watch(['alice'])
  const alice = await online(directory, 'alice')
  await watcher.next(change => change === '+alice')
  const second = await connect(directory)
  expect(await code(second.register('alice', null))).toBe('name-taken')
  await alice.leave()
  await watcher.next(change => change === '-alice')
  expect(await code(online(directory, 'alice'))).toBe('done')
})

test('of twenty who want one name at the same time, one gets it', async () => {
  const directory = await testDirectory()
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(directory)))
  const outcomes = await Promise.all(clients.map(client => code(client.register('alice', null))))
  expect(outcomes.filter(outcome => outcome === 'done')).toHaveLength(1)
  expect(outcomes.filter(outcome => outcome === 'name-taken')).toHaveLength(19)
})

test.each(['', 'Alice', '-alice', 'al ice', 'a'.repeat(33), 'аlice', '../x', 'a\n'])('%j is no name', async name => {
  const directory = await testDirectory()
  const client = await connect(directory)
  expect(await code(client.register(name, null))).toBe('bad-name')
})

test('a user whose connection breaks is gone at once', async () => {
  const directory = await testDirectory()
  const watcher = presence()
  const bob = await online(directory, 'bob', { onPresence: watcher.onPresence })
  const alice = await stranger(directory)
  alice.say(directoryHello, register('alice'))
  await alice.until(REGISTERED.type)
  await bob.watch(['alice'])
  await watcher.next(change => change === '+alice')
  alice.socket.resetAndDestroy()
  await watcher.next(change => change === '-alice')
  expect(await code(bob.lookup('alice'))).toBe('unknown-user')
  expect(await code(online(directory, 'alice'))).toBe('done')
})

test('a user who says goodbye is answered with one', async () => {
  const directory = await testDirectory()
  const alice = await stranger(directory)
  alice.say(directoryHello, register('alice'), { type: 0x03, body: new Uint8Array(0) })
  expect(await alice.end()).toBe('goodbye')
})

test('a thousand users come in pages, each of them once, in order', async () => {
  const registry = memoryRegistry()
  const directory = await testDirectory({ registry })
  const names = Array.from({ length: 1_000 }, (_, i) => `user${String(i).padStart(4, '0')}`)
  for (const name of names.toReversed()) {
    await registry.claim({ name, host: '127.0.0.1', port: null, fingerprint: null }, () => undefined)
  }
  const bob = await online(directory, 'bob')

  async function pages(prefix: string): Promise<string[][]> {
    const found: string[][] = []
    let after: string | null = ''
    while (after !== null) {
      const page: Awaited<ReturnType<typeof bob.who>> = await bob.who(prefix, after)
      found.push(page.users.map(user => user.name))
      after = page.next
    }
    return found
  }

  const all = await pages('')
  expect(all.map(page => page.length)).toEqual([200, 200, 200, 200, 200, 1])
  expect(all.flat()).toEqual(['bob', ...names])
  expect((await pages('user00')).flat()).toEqual(names.slice(0, 100))
  expect((await pages('user05')).map(page => page.length)).toEqual([100])
  expect(await pages('z')).toEqual([[]])
})

test('any text may be asked for as the beginning of names; where none begins so the page is empty', async () => {
  const directory = await testDirectory()
  const alice = await online(directory, 'alice')
  const pages = await Promise.all(
    ['a', 'A', 'é', 'al ice', 'alice', 'alice'.repeat(1_000)].map(prefix => alice.who(prefix)),
  )
  expect(pages.map(({ users }) => users.length)).toEqual([1, 0, 0, 0, 1, 0])
})

test('a page may be as small as its reader wants', async () => {
  const directory = await testDirectory()
  for (const name of ['alice', 'bob', 'carol']) await online(directory, name)
  const client = await stranger(directory)
  client.say(directoryHello, register('mallory'))
  await client.until(REGISTERED.type)
  client.say(jsonMessage(WHO.type, { id: 7, prefix: '', after: 'alice', limit: 1 }))
  const answer = await client.next()
  expect(answer?.type).toBe(USERS.type)
  expect(JSON.parse(Buffer.from(answer?.body ?? []).toString())).toEqual({
    id: 7,
    users: [{ name: 'bob' }],
    next: 'bob',
  })
})

test('whoever is watched is told of at once and whenever that changes; a new list replaces the old one', async () => {
  const directory = await testDirectory()
  const watcher = presence()
  const bob = await online(directory, 'bob', { onPresence: watcher.onPresence })
  const carol = await online(directory, 'carol')
  await bob.watch(['alice', 'carol'])
  await watcher.next(change => change === '-alice')
  await watcher.next(change => change === '+carol')
  const alice = await online(directory, 'alice')
  await watcher.next(change => change === '+alice')
  await bob.watch(['carol'])
  await watcher.next(change => change === '+carol')
  await alice.leave()
  await carol.leave()
  await watcher.next(change => change === '-carol')
  expect(watcher.all).toEqual(['-alice', '+carol', '+alice', '+carol', '-carol'])
})

test('somebody who leaves while a watch begins is told as gone in the end', async () => {
  const memory = memoryRegistry()
  const release = await memory.claim(
    { name: 'alice', host: '127.0.0.1', port: null, fingerprint: null },
    () => undefined,
  )
  const registry: Registry = {
    ...memory,
    async lookup(name) {
      const card = await memory.lookup(name)
      await release()
      return card
    },
  }
  const directory = await testDirectory({ registry })
  const watcher = presence()
  const bob = await online(directory, 'bob', { onPresence: watcher.onPresence })
  await bob.watch(['alice'])
  await bob.who('')
  expect(watcher.all).toEqual(['-alice'])
})

test('a user who falls silent is gone after 45 seconds; one who keeps alive stays', async () => {
  const directory = await testDirectory()
  const pass = fakeClock()
  const watcher = presence()
  const bob = await online(directory, 'bob', { onPresence: watcher.onPresence })
  const mallory = await stranger(directory)
  mallory.say(directoryHello, register('mallory'))
  await mallory.until(REGISTERED.type)
  await bob.watch(['mallory'])
  await watcher.next(change => change === '+mallory')
  for (const seconds of [15, 15, 14]) {
    await pass(seconds * 1_000)
    // Keepalives travel through real sockets.
    await bob.who('')
  }
  expect(watcher.all).toEqual(['+mallory'])
  await pass(2_000)
  await watcher.next(change => change === '-mallory')
  expect(await code(bob.lookup('bob'))).toBe('done')
})

test('the directory stops with a goodbye to everyone, at once', async () => {
  const directory = await testDirectory()
  const ends = happenings<string>()
  await online(directory, 'alice', { onEnd: error => ends.add(error.message) })
  const bob = await online(directory, 'bob', { onEnd: error => ends.add(error.message) })
  const started = Date.now()
  await directory.stop()
  expect(Date.now() - started).toBeLessThan(stretched(1_000))
  await ends.next(() => true)
  await ends.next(() => true)
  expect(ends.all).toEqual(['the directory said goodbye', 'the directory said goodbye'])
  expect(await code(bob.lookup('alice'))).toBe('no-directory')
  expect(await code(bob.who(''))).toBe('no-directory')
  expect(await code(bob.watch(['alice']))).toBe('no-directory')
})

test('a request under way when the directory goes is answered with that', async () => {
  const directory = await testDirectory()
  const bob = await online(directory, 'bob')
  const answers = Promise.all(Array.from({ length: 10 }, () => code(bob.lookup('alice'))))
  await directory.stop()
  for (const answer of await answers) expect(['unknown-user', 'no-directory']).toContain(answer)
})

test('whoever does not read is left waiting, and nobody else', async () => {
  const directory = await testDirectory()
  const bob = await online(directory, 'bob')
  const deaf = await stranger(directory)
  deaf.say(directoryHello, register('mallory'))
  await deaf.until(REGISTERED.type)
  deaf.socket.pause()
  const flood = Array.from({ length: 60_000 }, (_, id) =>
    jsonMessage(WHO.type, { id, prefix: '', after: '', limit: 200 }),
  )
  for (const request of flood) void deaf.channel.send(request)
  for (let i = 0; i < 50; i++) {
    expect((await bob.who('')).users).toEqual([{ name: 'bob' }, { name: 'mallory' }])
    await nextTurn()
  }
})

test('a directory that is full says so, and takes the next one when somebody has left', async () => {
  const directory = await testDirectory({ limit: 2 })
  const alice = await online(directory, 'alice')
  await online(directory, 'bob')
  expect(await code(connect(directory))).toBe('too-many')
  const refused = await stranger(directory)
  expect(await refused.error()).toBe('too-many')
  await alice.leave()
  let carol = 'too-many'
  while (carol === 'too-many') carol = (await code(online(directory, 'carol'))) ?? ''
  expect(carol).toBe('done')
})

test('when all places are taken, a newcomer gets that of the oldest who has not registered', async () => {
  const directory = await testDirectory({ limit: 3 })
  await online(directory, 'alice')
  const [first, second] = [await stranger(directory), await stranger(directory)]
  await second.until(HELLO.type)
  await online(directory, 'bob')
  expect(await first.error()).toBe('too-many')
  await online(directory, 'carol')
  expect(await second.error()).toBe('too-many')
  expect(await code(connect(directory))).toBe('too-many')
})

test('a flood of silent connections keeps nobody out', async () => {
  const directory = await testDirectory({ limit: 10 })
  const alice = await online(directory, 'alice')
  for (let i = 0; i < 50; i++) await stranger(directory)
  for (let i = 0; i < 9; i++) {
    await online(directory, `user${i}`)
    for (let k = 0; k < 10; k++) await stranger(directory)
  }
  expect((await alice.who('')).users).toHaveLength(10)
})

test('a place that has gone to somebody else registers nobody', async () => {
  const directory = await testDirectory({ limit: 1 })
  const late = await stranger(directory)
  late.say(directoryHello)
  await late.until(WELCOME.type)
  const alice = await connect(directory)
  expect(await late.error()).toBe('too-many')
  late.say(register('alice'))
  await alice.register('alice', null)
  expect((await alice.who('')).users).toEqual([{ name: 'alice' }])
})

test('a registration that its own key replaced is closed, however alive its client pretends to be', async () => {
  const directory = await testDirectory({ authentication: { verify: () => 'one key' } })
  const pass = fakeClock()
  const old = await stranger(directory)
  old.say(directoryHello, register('alice'))
  await old.until(REGISTERED.type)
  const gone = new Promise(resolve => old.socket.once('error', resolve).once('close', resolve))
  const alice = await online(directory, 'alice')
  expect(await old.error()).toBe('name-taken')
  let closed = false
  void gone.then(() => (closed = true))
  for (let waited = 0; waited < 2_000; waited += 100) {
    if (!closed) old.say(KEEPALIVE_MESSAGE)
    await pass(100)
    // Keepalives travel through real sockets.
    await alice.who('')
  }
  old.write('still here')
  await gone
})

test('whoever connects too often is told so before it says anything, and others are let in', async () => {
  let admitted = false
  const directory = await testDirectory({ admits: ({ remoteAddress }) => remoteAddress === '127.0.0.1' && admitted })
  const mallory = await stranger(directory)
  expect(await mallory.error()).toBe('too-many')
  expect(await code(connect(directory))).toBe('too-many')
  admitted = true
  expect(await code(online(directory, 'alice'))).toBe('done')
})

test('a directory that does not let us go is left all the same', async () => {
  let gone = false
  const directory = await impostor(async mallory => {
    mallory.socket.once('error', () => (gone = true)).once('close', () => (gone = true))
    mallory.say(
      directoryHello,
      jsonMessage(WELCOME.type, { open: false }),
      jsonMessage(REGISTERED.type, { name: 'alice' }),
    )
    const pester = () => void (gone || mallory.socket.write(encodeFrame(KEEPALIVE_MESSAGE), () => setImmediate(pester)))
    pester()
    await mallory.end()
  })
  const alice = await online(directory, 'alice')
  const pass = fakeClock()
  await alice.leave()
  await pass(CONCLUDE_DEADLINE)
  while (!gone) await nextTurn()
})

test('nothing listens there: no directory', async () => {
  const directory = await testDirectory()
  await directory.stop()
  expect(await code(connect(directory))).toBe('no-directory')
})

test('a directory of another rung is the wrong one', async () => {
  const directory = await testDirectory()
  expect(await code(connect(directory, { rung: 'peer-aes/1' }))).toBe('wrong-protocol')
})

test.each([
  ['127.0.0.1', false],
  ['::1', false],
  ['0.0.0.0', true],
  ['::', true],
])('a directory on %s: open to the network is %s', async (host, open) => {
  const directory = await testDirectory({ host })
  const dialled = { host: host.includes(':') ? '::1' : '127.0.0.1', port: directory.port }
  const alice = await online(dialled, 'alice')
  expect(alice.open).toBe(open)
  expect((await alice.lookup('alice')).host).toBe(dialled.host)
})
