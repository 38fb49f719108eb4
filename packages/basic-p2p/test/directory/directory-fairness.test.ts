import { setImmediate as nextTurn } from 'node:timers/promises'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { type Card, memoryRegistry, type Registry } from '../../src/directory/registry.ts'
import { online, testDirectory } from '../support/directory.ts'
import { directoryHello, register, type Stranger, stranger } from '../support/stranger.ts'
import { CARD, LOOKUP, PRESENCE, REGISTERED, WATCH, WHO } from '../../src/messages/directory.ts'

/** Requests of others that may come before one: a turn that has begun, and another one. */
const TWO_TURNS = 32

/** A directory with 300 users and a record of what it was asked, in the order in which it answered. */
async function crowdedDirectory(limit?: number) {
  const registry = memoryRegistry(limit)
  for (let i = 0; i < 300; i++) {
    const card: Card = { name: `user${i}`, host: '127.0.0.1', port: 1, fingerprint: null }
    await registry.claim(card, () => undefined)
  }
  const asked: string[] = []
  const watching: Registry = {
    ...registry,
    lookup(name) {
      asked.push(name)
      return registry.lookup(name)
    },
    list(...page) {
      asked.push('a page')
      return registry.list(...page)
    },
  }
  return { directory: await testDirectory({ registry: watching }), registry, asked }
}

async function registered(directory: { host: string; port: number }, name: string): Promise<Stranger> {
  const user = await stranger(directory)
  user.say(directoryHello, register(name))
  await user.until(REGISTERED.type)
  return user
}

/** Sends a request over and over, and reads whatever comes. */
function flood({ socket }: Stranger, request: Message, times: number): void {
  socket.removeAllListeners('data').resume()
  const burst = Buffer.concat(Array.from({ length: times }, () => encodeFrame(request)))
  const again = () => void (socket.writable && socket.write(burst, again))
  again()
}

const everyone = Array.from({ length: 256 }, (_, i) => `user${i}`)
const lookUp = (name: string) => jsonMessage(LOOKUP.type, { id: 1, name })

test.each([
  ['pages', jsonMessage(WHO.type, { id: 1, prefix: '', after: '', limit: 200 }), 500],
  ['look-ups', lookUp('user7'), 2_000],
  ['names to watch', jsonMessage(WATCH.type, { names: everyone }), 20],
  ['one name to watch', jsonMessage(WATCH.type, { names: ['user7'] }), 500],
  ['look-ups of 16 KB', lookUp('x'.repeat(16_000)), 50],
])(
  'beside ten who ask for %s without end, a look-up is answered after two turns at most',
  async (_, request, times) => {
    const { directory, asked } = await crowdedDirectory()
    const alice = await registered(directory, 'alice')
    for (let i = 0; i < 10; i++) flood(await registered(directory, `mallory${i}`), request, times)
    while (asked.length < 1_000) await nextTurn()
    const waited: number[] = []
    for (let i = 0; i < 20; i++) {
      alice.say(lookUp('needle'))
      // Once it has left this process, whatever else is asked comes after it.
      while (alice.socket.writableLength > 0) await nextTurn()
      const before = asked.length
      expect((await alice.next())?.type).toBe(ERROR.type)
      waited.push(asked.lastIndexOf('needle') - before)
    }
    // The kernel may hold it back for a turn of the loop.
    expect(waited.toSorted((a, b) => a - b)[10]).toBeLessThanOrEqual(2 * TWO_TURNS)
  },
)

test('a look-up waits for no names that somebody else watches: each of them is work of its own', async () => {
  const { directory, asked } = await crowdedDirectory()
  const alice = await registered(directory, 'alice')
  const mallory = await registered(directory, 'mallory')
  mallory.say(...Array.from({ length: 40 }, () => jsonMessage(WATCH.type, { names: everyone })))
  while (asked.length === 0) await nextTurn()
  alice.say(lookUp('user299'))
  await alice.until(CARD.type)
  expect(asked.indexOf('user299')).toBeLessThan(1_000)
})

test('a user whom three hundred watch comes and goes without a turn of the loop for all of them', async () => {
  const { directory, registry } = await crowdedDirectory()
  const watchers = await Promise.all(Array.from({ length: 300 }, (_, i) => registered(directory, `watcher${i}`)))
  let told = 0
  for (const watcher of watchers) {
    watcher.say(jsonMessage(WATCH.type, { names: ['bob'] }))
    await watcher.until(PRESENCE.type)
    watcher.socket.on('data', () => (told += 1))
  }
  await registry.claim({ name: 'bob', host: '127.0.0.1', port: 1, fingerprint: null }, () => undefined)
  let most = 0
  for (let before = told; told < watchers.length; before = told) {
    await nextTurn()
    most = Math.max(most, told - before)
  }
  expect(most).toBeLessThan(TWO_TURNS * 2)
})

test('whoever does not read hears only the newest of each name, and in the end how things are', async () => {
  const { directory, registry } = await crowdedDirectory()
  const deaf = await registered(directory, 'deaf')
  deaf.say(jsonMessage(WATCH.type, { names: ['bob'] }))
  await deaf.until(PRESENCE.type)
  deaf.socket.pause()
  for (let i = 0; i < 20_000; i++) {
    const card = { name: 'bob', host: '127.0.0.1', port: 1, fingerprint: null }
    const release = await registry.claim(card, () => undefined)
    await release()
  }
  deaf.socket.resume()
  deaf.say(lookUp('alice'))
  const heard: unknown[] = []
  for (let message = await deaf.next(); message?.type === PRESENCE.type; message = await deaf.next()) {
    heard.push(JSON.parse(Buffer.from(message.body).toString()))
  }
  expect(heard.length).toBeLessThan(1_000)
  expect(heard.at(-1)).toEqual({ name: 'bob', online: false })
})

test('names that are watched have a limit for all users together, and only whoever goes beyond it is ended', async () => {
  const { directory } = await crowdedDirectory(300)
  const alice = await online(directory, 'alice')
  const [mallory, carol] = [await registered(directory, 'mallory'), await registered(directory, 'carol')]
  mallory.say(jsonMessage(WATCH.type, { names: everyone }))
  await mallory.until(PRESENCE.type)
  carol.say(jsonMessage(WATCH.type, { names: everyone }))
  expect(await carol.error()).toBe('too-many')
  mallory.say(jsonMessage(WATCH.type, { names: ['alice'] }), lookUp('alice'))
  await mallory.until(CARD.type)
  expect((await alice.lookup('mallory')).name).toBe('mallory')
  const dave = await registered(directory, 'dave')
  dave.say(jsonMessage(WATCH.type, { names: everyone }))
  await dave.until(PRESENCE.type)
})
