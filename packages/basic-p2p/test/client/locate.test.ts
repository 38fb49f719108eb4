import { setImmediate as nextTurn } from 'node:timers/promises'
import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import { describe, expect, test } from 'vitest'
import { arrivals, locate, whereabouts } from '../../src/client/locate.ts'
import { type NetworkInterfaces, isOwnListener, whyNotDialled } from '../../src/directory/usable-address.ts'
import type { DirectoryClient } from '../../src/directory/directory-client.ts'
import { card } from '../support/network-card.ts'
import { fakeClock } from '../support/fake-clock.ts'

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
  expect(await locate(local, 'bob', null)).toEqual({ host: '127.0.0.1', port: 1 })
  expect(await locate(directory('192.0.2.1', { host: '2001:DB8::7', port: 4000 }), 'bob', null)).toEqual({
    host: '2001:db8::7',
    port: 4000,
  })
})

test('who takes no calls is not dialled', async () => {
  const silent = directory('192.0.2.1', { host: '192.0.2.7', port: null })
  await expect(locate(silent, 'bob', null)).rejects.toMatchObject({ code: 'declined' })
})

test.each(['localhost', 'bob.example', '', '127.1', '::1%lo', '2001:db8::7%eth0', '192.0.2.7\u001b[2J'])(
  'a directory can not make us look for %j',
  async host => {
    await expect(locate(directory('127.0.0.1', { host, port: 22 }), 'bob', null)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('not an IP address'),
    })
  },
)

/** Addresses, each in the dresses in which it may come. */
const PLACES = {
  loopback: [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
  ],
  near: ['10.9.8.7', '192.168.7.7', '100.64.1.1', 'fd00:1::7', '::ffff:10.9.8.7', '::ffff:a09:807'],
  far: ['10.200.0.1', '172.16.0.1', '192.168.8.8', '100.65.0.1', 'fd00:2::7', '::ffff:192.168.8.8', '2002:ac10:1::1'],
  internet: ['1.1.1.1', '2606:4700::1111', '::ffff:1.1.1.1'],
  nothing: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
  link: ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe'],
  many: ['224.0.0.1', 'ff02::1', '255.255.255.255', '240.0.0.1', '::ffff:255.255.255.255', '64:ff9b::e000:1'],
}
const network = (cidr: string) => ({ ...card(cidr.split('/')[0] ?? ''), cidr })
const NEAR: NetworkInterfaces = {
  eth0: ['10.9.8.1/24', '192.168.7.1/24', '100.64.1.9/24', 'fd00:1::1/64'].map(network),
}

test.each<[string, string, (keyof typeof PLACES)[]]>([
  ['on this machine', '127.0.0.1', ['loopback', 'near', 'internet']],
  ['on this machine, by IPv6', '::1', ['loopback', 'near', 'internet']],
  ['in a private network', '10.9.8.2', ['near', 'far', 'internet']],
  ['in another private network', 'fd00:9::1', ['near', 'far', 'internet']],
  ['somewhere', '192.0.2.1', ['near', 'internet']],
])('a directory %s can make us dial %s alone: %j', (_, host, allowed) => {
  for (const [place, addresses] of Object.entries(PLACES)) {
    for (const address of addresses) {
      const isAllowed = (allowed as string[]).includes(place)
      expect(whyNotDialled(address, host, NEAR) === null, `${address} of ${host}`).toBe(isAllowed)
    }
  }
})

test.each([
  ['127.0.0.1', '127.0.0.1', true],
  ['127.0.0.2', '127.0.0.1', false],
  ['::ffff:127.0.0.1', '127.0.0.1', true],
  ['::1', 'localhost', true],
  ['127.0.0.9', '0.0.0.0', true],
  ['10.9.8.1', '0.0.0.0', true],
  ['10.9.8.2', '0.0.0.0', false],
  ['::1', '0.0.0.0', false],
  ['::1', '::', true],
  ['10.9.8.1', '::', true],
  ['fd00:1::1', '::', true],
])('who dials %s where we listen on %s calls ourselves: %s', (host, listening, isOurs) => {
  const listener = { host: listening, port: 4_000 }
  expect(isOwnListener({ host, port: 4_000 }, listener, NEAR)).toBe(isOurs)
  expect(isOwnListener({ host, port: 4_001 }, listener, NEAR)).toBe(false)
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

test('a directory that is gone before it has heard whom to watch ends the wait, and nothing is left to fail', async () => {
  const online = arrivals()
  const gone = new ChatError('no-directory', 'it is gone')
  // It fails some turns of the loop after the wait was given up.
  const watch = () => nextTurn().then(() => Promise.reject(gone))
  const outcome = expect(online.arrival({ ...local, watch }, 'bob', 30)).rejects.toBe(gone)
  online.giveUp()
  await outcome
})

describe('somebody whose conversation was interrupted', () => {
  const places = { bob: { host: '127.0.0.1', port: 1 } }
  /** A directory that knows where bob is until it fails with a code. */
  function failing() {
    let failure: ChatError | null = null
    const known = directory('127.0.0.1', places.bob)
    const sometimes: DirectoryClient = {
      ...known,
      lookup: name => (failure === null ? known.lookup(name) : Promise.reject(failure)),
    }
    const people = whereabouts(sometimes, () => null)
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
