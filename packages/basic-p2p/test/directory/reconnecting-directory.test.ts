import type { Address } from '@p2p-secure-chat/core/net/address'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { startServer } from '@p2p-secure-chat/core/net/server'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { expect, onTestFinished, test } from 'vitest'
import type { DirectoryClient } from '../../src/directory/directory-client.ts'
import { reconnectingDirectory } from '../../src/directory/reconnecting-directory.ts'
import { directoryReception } from '../../src/directory/directory-reception.ts'
import { memoryRegistry } from '../../src/directory/registry.ts'
import { online, testDirectory } from '../support/directory.ts'
import { happenings } from '../support/events.ts'
import { directoryLimits, WELCOME } from '../../src/messages/directory.ts'

/** A client that stays registered; every pause is over when the test says so. */
async function lasting(address: Address, name = 'alice') {
  const story = happenings<string>()
  const pausing = happenings<() => void>()
  let time = 0
  const resets: number[] = []
  const client: DirectoryClient = await reconnectingDirectory({
    address,
    rung: 'peer-basic/1',
    prove: null,
    onFull: ({ code }) => story.add(code),
    onPresence: (peer, isOnline) => story.add(`${peer} ${isOnline ? 'online' : 'offline'}`),
    onChange: ({ state, code, message }) =>
      story.add([state, code, state === 'back' && message].filter(Boolean).join(' ')),
    pauses: { next: () => 1, reset: () => void resets.push(time) },
    wait: (_milliseconds, signal) =>
      new Promise(resolve => {
        signal.addEventListener('abort', () => resolve())
        pausing.add(resolve)
      }),
    now: () => time,
  })
  await client.register(name, 4711)
  onTestFinished(() => client.leave())
  return {
    client,
    story,
    resets,
    passTime: (milliseconds: number) => void (time += milliseconds),
    /** Waits until it pauses before an attempt, and lets it make that attempt. */
    attempt: async () => (await pausing.next(() => true))(),
    pausing: () => pausing.next(() => true),
    seen: (what: string) => story.next(told => told === what),
  }
}

const code = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: ChatError) => error.code,
  )

test('a directory that is gone is tried until it is back, and then has the same name, port and watches', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await alice.client.watch(['bob'])
  await alice.seen('bob offline')
  await first.stop()
  await alice.seen('gone no-directory')
  for (let i = 0; i < 5; i++) await alice.attempt()
  const last = await alice.pausing()
  await testDirectory({ port: first.port })
  last()
  await alice.seen('back')
  await alice.seen('bob offline')
  const bob = await online(first, 'bob')
  await alice.seen('bob online')
  expect(await bob.lookup('alice')).toMatchObject({ port: 4711 })
  expect(await alice.client.who('')).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }] })
  expect(alice.story.all).toEqual(['bob offline', 'gone no-directory', 'back', 'bob offline', 'bob online'])
})

test('meanwhile requests fail at once, with a hint that fits, and a watch is kept for later', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await first.stop()
  const last = await alice.pausing()
  for (const request of [alice.client.who(''), alice.client.lookup('bob')]) {
    await expect(request).rejects.toMatchObject({ code: 'no-directory', hint: expect.stringContaining('go on') })
  }
  await alice.client.watch(['bob'])
  await testDirectory({ port: first.port })
  last()
  await alice.seen('back')
  await alice.seen('bob offline')
})

test('it may go and come again as often as it likes; only what has stood for a minute is tried quickly again', async () => {
  let directory = await testDirectory()
  const { port } = directory
  const alice = await lasting(directory)
  for (const stood of [59_999, 60_000, 0]) {
    alice.passTime(stood)
    await directory.stop()
    await alice.seen('gone no-directory')
    directory = await testDirectory({ port })
    await alice.attempt()
    await alice.seen('back')
  }
  expect(alice.resets).toEqual([119_999])
})

test('whoever has the name meanwhile keeps it; that is told once, and tried on', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await first.stop()
  const again = await alice.pausing()
  const second = await testDirectory({ port: first.port })
  const other = await online(second, 'alice')
  again()
  await alice.seen('refused name-taken')
  for (let i = 0; i < 3; i++) await alice.attempt()
  const last = await alice.pausing()
  const bob = await online(second, 'bob', { onPresence: (_, isOnline) => void (isOnline || last()) })
  await bob.watch(['alice'])
  await other.leave()
  await alice.seen('back')
  expect(alice.story.all).toEqual(['gone no-directory', 'refused name-taken', 'back'])
})

test('a directory that has no place at first is tried again, which is told once', async () => {
  let refusals = 0
  const directory = await testDirectory({ admits: () => refusals++ >= 3 })
  const alice = await lasting(directory)
  expect(refusals).toBe(4)
  expect(alice.story.all).toEqual(['too-many'])
  expect((await alice.client.who('')).users).toEqual([{ name: 'alice' }])
})

test('another program on that port is told once, and tried on', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await first.stop()
  const again = await alice.pausing()
  const calculator = await startServer({
    host: '127.0.0.1',
    port: first.port,
    hello: { protocol: 'calc/1' },
    limits: directoryLimits,
    reception: directoryReception(10),
    serve: () => Promise.resolve(),
  })
  again()
  await alice.seen('refused wrong-protocol')
  await alice.attempt()
  const last = await alice.pausing()
  await calculator.stop()
  await testDirectory({ port: first.port })
  last()
  await alice.seen('back')
  expect(alice.story.all).toEqual(['gone no-directory', 'refused wrong-protocol', 'back'])
})

test('who is replaced by a second start of their own is told so, and does not fight back', async () => {
  const registry = memoryRegistry()
  const replace: (() => void)[] = []
  const directory = await testDirectory({
    registry: {
      ...registry,
      claim: (card, onReplaced) => (replace.push(onReplaced), registry.claim(card, onReplaced)),
    },
  })
  const alice = await lasting(directory)
  replace[0]?.()
  await alice.seen('replaced name-taken')
  await expect(alice.client.who('')).rejects.toMatchObject({
    code: 'no-directory',
    hint: 'leave and start again to take the name back',
  })
  await directory.stop()
  await testDirectory({ port: directory.port })
  expect(alice.story.all).toEqual(['replaced name-taken'])
})

test('whether it is open to the network may change; what that means here is told', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  expect(alice.client.open).toBe(false)
  await first.stop()
  const again = await alice.pausing()
  await testDirectory({ host: '0.0.0.0', port: first.port })
  again()
  await alice.story.next(told => told.startsWith('back it is now open to other machines; you still take calls'))
  expect(alice.client.open).toBe(true)
})

test('who leaves tries no more', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await first.stop()
  await alice.pausing()
  const second = await testDirectory({ port: first.port })
  await alice.client.leave()
  const bob = await online(second, 'bob')
  expect((await bob.who('')).users).toEqual([{ name: 'bob' }])
  expect(alice.story.all).toEqual(['gone no-directory'])
})

test('who leaves while an attempt is under way does not register any more', async () => {
  const first = await testDirectory()
  const alice = await lasting(first)
  await first.stop()
  const again = await alice.pausing()
  const story = happenings<string>()
  let welcome = () => {}
  const left = new Promise<void>(resolve => {
    welcome = resolve
  })
  const second = await startServer({
    host: '127.0.0.1',
    port: first.port,
    hello: { protocol: 'directory/1', rung: 'peer-basic/1' },
    limits: directoryLimits,
    reception: directoryReception(1),
    async serve(channel) {
      story.add('arrived')
      await left
      await channel.send(jsonMessage(WELCOME.type, { open: false }))
      story.add((await channel.receive()) === null ? 'goodbye' : 'a registration')
    },
  })
  onTestFinished(() => second.stop())
  again()
  await story.next(told => told === 'arrived')
  await alice.client.leave()
  welcome()
  await story.next(told => told !== 'arrived')
  expect(story.all).toEqual(['arrived', 'goodbye'])
})

test('a first start without a directory is an error', async () => {
  const directory = await testDirectory()
  await directory.stop()
  expect(await code(lasting(directory))).toBe('no-directory')
  const present = await testDirectory()
  await online(present, 'alice')
  expect(await code(lasting(present))).toBe('name-taken')
})
