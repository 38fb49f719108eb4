import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { describe, expect, test } from 'vitest'
import { arrivals, locate, whereabouts } from '../src/client/reach.ts'
import type { DirectoryClient } from '../src/directory/directory-client.ts'
import { fakeClock } from './support/fake-clock.ts'

/** A directory at `host` that gives `card` for everybody. */
function directory(host: string, card: { host: string; port: number | null }): DirectoryClient {
  return {
    host,
    open: true,
    register: () => Promise.resolve(),
    who: () => Promise.resolve({ users: [], next: null }),
    lookup: name => Promise.resolve({ name, fingerprint: null, ...card }),
    watch: () => Promise.resolve(),
    leave: () => Promise.resolve(),
  }
}

const local = directory('127.0.0.1', { host: '127.0.0.1', port: 1 })

test('the address of somebody is what the directory says', async () => {
  expect(await locate(local, 'bob')).toEqual({ host: '127.0.0.1', port: 1 })
  expect(await locate(directory('192.0.2.1', { host: '2001:db8::7', port: 4000 }), 'bob')).toEqual({
    host: '2001:db8::7',
    port: 4000,
  })
})

test('who takes no calls is not dialled', async () => {
  await expect(locate(directory('192.0.2.1', { host: '192.0.2.7', port: null }), 'bob')).rejects.toMatchObject({
    code: 'declined',
  })
})

test.each([
  '127.0.0.1',
  '127.9.9.9',
  '0.0.0.0',
  '::1',
  '0:0:0:0:0:0:0:1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  'localhost',
  'bob.example',
  '',
  '192.0.2.7\u001b[2J',
])('a directory elsewhere can not make us dial %j', async host => {
  await expect(locate(directory('192.0.2.1', { host, port: 22 }), 'bob')).rejects.toMatchObject({ code: 'unreachable' })
})

test('an arrival is awaited, and told by the first presence that says so', async () => {
  const online = arrivals()
  let arrived = false
  const waiting = online.arrival(local, 'bob', 30).then(() => (arrived = true))
  online.presence('bob', false)
  online.presence('carol', true)
  await Promise.resolve()
  expect(arrived).toBe(false)
  online.presence('bob', true)
  await waiting
})

test('who has come is not watched any further: a directory could fill the screen with their comings and goings', async () => {
  const watched: (readonly string[])[] = []
  const online = arrivals()
  const watch = async (names: readonly string[]) => void watched.push(names)
  const waiting = online.arrival({ ...local, watch }, 'bob', 30)
  expect(watched).toEqual([['bob']])
  online.presence('bob', true)
  await waiting
  expect(watched).toEqual([['bob'], []])
})

test('an arrival that does not come in time is an unknown user', async () => {
  const pass = fakeClock()
  const waiting = arrivals().arrival(local, 'bob', 30)
  const outcome = expect(waiting).rejects.toMatchObject({ code: 'unknown-user' })
  await pass(30_000)
  await outcome
})

test('nobody waits for a directory that is gone', async () => {
  const online = arrivals()
  const outcome = expect(online.arrival(local, 'bob', 30)).rejects.toMatchObject({ code: 'no-directory' })
  online.giveUp()
  await outcome
})

describe('somebody whose conversation was interrupted', () => {
  const places = { bob: { host: '127.0.0.1', port: 1 } }
  /** A directory that knows where bob is until it fails with a code. */
  function failing() {
    let failure: ChatError | null = null
    const known = directory('127.0.0.1', places.bob)
    const people = whereabouts({
      ...known,
      lookup: name => (failure === null ? known.lookup(name) : Promise.reject(failure)),
    })
    return { people, fail: (code: ErrorCode) => void (failure = new ChatError(code, 'no')) }
  }

  test.each(['no-directory', 'unknown-user'] as const)('is where they were, when the answer is %s', async code => {
    const { people, fail } = failing()
    await people.locate('bob')
    fail(code)
    expect(await people.locateAgain('bob')).toEqual(places.bob)
    await expect(people.locate('bob')).rejects.toMatchObject({ code })
    await expect(people.locateAgain('carol')).rejects.toMatchObject({ code })
  })

  test('is among the thousand that were called last', async () => {
    const { people, fail } = failing()
    const names = Array.from({ length: 1_000 }, (_, i) => `user${i}`)
    for (const name of ['bob', 'carol', ...names.slice(2), 'bob', 'user0']) await people.locate(name)
    fail('no-directory')
    expect(await people.locateAgain('bob')).toEqual(places.bob)
    expect(await people.locateAgain('user0')).toEqual(places.bob)
    await expect(people.locateAgain('carol')).rejects.toMatchObject({ code: 'no-directory' })
  })

  test('is where the directory says, as long as it says something', async () => {
    const { people, fail } = failing()
    await people.locate('bob')
    places.bob = { host: '127.0.0.1', port: 2 }
    expect(await failing().people.locateAgain('bob')).toEqual(places.bob)
    fail('declined')
    await expect(people.locateAgain('bob')).rejects.toMatchObject({ code: 'declined' })
  })
})
