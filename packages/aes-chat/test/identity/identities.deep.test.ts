import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Registry, memoryRegistry } from '@p2p-secure-chat/basic-p2p/directory/registry'
import { startDirectory } from '@p2p-secure-chat/basic-p2p/directory/directory-server'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { IDENTITY } from '@p2p-secure-chat/dh-chat/messages'
import { verifyRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { beforeAll, describe, expect, test } from 'vitest'
import { openPath } from '../../../stage/src/path.ts'
import { runBin } from '../../../core/test/support/process.ts'
import {
  openTestbed,
  temporaryFolder,
  type Testbed,
  testbedAround,
} from '../../../dh-chat/test/support/chat-testbed.ts'

let testbed: Testbed

beforeAll(async () => {
  testbed = await openTestbed('aes-chat')
})

/** The same person in another place, where nobody has heard of the old key. */
const elsewhere = (rung: 'aes-chat' | 'dh-chat' = 'aes-chat') => openTestbed(rung)

test.concurrent('a changed key blocks the call before the caller says who it is, until /forget', async ({
  onTestFinished,
}) => {
  const proxy = await openPath()
  onTestFinished(() => proxy.stop())
  const bob = await testbed.client('bob', '--accept', 'all')
  const before = testbed.start('alice', '--to', 'bob')
  expect(await before.finish()).toBe(0)
  await bob.finish()

  const other = await elsewhere()
  const impostor = await other.client('bob', '--advertise', String(proxy.port))
  proxy.forwardTo(impostor.listen)
  const there = testbedAround('aes-chat', other.directory, testbed.home)
  const blocked = there.start('alice', '--to', 'bob')
  expect(await blocked.next('closed')).toMatchObject({
    peer: 'bob',
    reason: 'error',
    code: 'key-changed',
    message: expect.stringMatching(/a key other than the one remembered/),
  })
  expect(await blocked.finish()).toBe(3)
  expect(proxy.passed.filter(({ type }) => type === IDENTITY.type).map(({ from }) => from)).toEqual(['listener'])

  const alice = await there.client('alice')
  alice.say('/chat bob')
  expect(await alice.next('closed')).toMatchObject({ code: 'key-changed' })
  alice.say('/forget bob')
  alice.say('/chat bob')
  expect(await alice.next('open')).toMatchObject({ peer: 'bob', identity: 'new' })
  expect(await alice.finish()).toBe(0)
})

test.concurrent('a caller whose key changed is refused, and the called one goes on', async () => {
  const carol = await testbed.client('carol')
  const carol4 = await testbed.client('carol4')
  carol4.say('/chat carol')
  await carol4.next('open')
  carol4.say('/leave')
  await carol4.next('closed')
  await Promise.all([carol, carol4].map(client => client.finish()))

  const other = await elsewhere()
  const there = testbedAround('aes-chat', other.directory, testbed.home)
  const daveThere = await there.client('carol4')
  const falseCarol = other.start('carol', '--to', 'carol4')
  expect(await daveThere.next('error')).toMatchObject({ code: 'key-changed' })
  expect(await falseCarol.finish()).toBe(3)
  const bob10 = other.start('bob10', '--to', 'carol4')
  expect(await bob10.finish()).toBe(0)
})

test.concurrent('a name belongs to the key that had it first, and its owner may come back', async () => {
  const alice2 = await testbed.client('alice2')
  const thief = testbedAround('aes-chat', testbed.directory, temporaryFolder())
  expect(await thief.start('alice2').next('error')).toMatchObject({ code: 'name-taken' })
  await alice2.finish()
  const late = thief.start('alice2')
  expect(await late.next('error')).toMatchObject({ code: 'name-taken' })
  expect(await late.finish()).toBe(1)
  const again = testbed.start('alice2')
  await again.next('ready')
  expect(await again.finish()).toBe(0)
})

test.concurrent('a directory that gives the address of somebody else is found out', async ({ onTestFinished }) => {
  const honest = memoryRegistry()
  const lying: Registry = {
    ...honest,
    lookup: async name => {
      const card = await honest.lookup(name === 'carol10' ? 'mallory' : name)
      return card && { ...card, name }
    },
  }
  const authentication = verifyRegistration('peer-aes/1')
  const server = await startDirectory({
    host: '127.0.0.1',
    port: 0,
    rung: 'peer-aes/1',
    authentication,
    registry: lying,
  })
  onTestFinished(() => server.stop())
  const there = testbedAround('aes-chat', formatAddress(server), temporaryFolder())
  const mallory = await there.client('mallory')
  await there.client('carol10')
  const carol9 = there.start('carol9', '--to', 'carol10')
  carol9.say('for carol10 alone')
  expect(await carol9.next('closed')).toMatchObject({ peer: 'carol10', reason: 'error', code: 'wrong-peer' })
  expect(await carol9.finish()).toBe(3)
  expect(await mallory.next('error')).toMatchObject({ code: 'handshake-failed' })
  expect(mallory.events.map(({ event }) => event)).not.toContain('message')
})

describe.concurrent('the identity on disk', () => {
  test('is private, and the same every time', async () => {
    const bob3 = await testbed.client('bob3')
    const file = join(testbed.home, 'bob3', 'identity.pem')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await bob3.finish()
    const again = await testbed.client('bob3')
    await again.finish()
    const fingerprints = [bob3, again].map(({ events: [ready] }) => ready?.event === 'ready' && ready.fingerprint)
    expect(fingerprints[0]).toMatch(/^[\w-]{43}$/)
    expect(fingerprints[1]).toBe(fingerprints[0])
  })

  test('with --passphrase-file is encrypted, and opens with that passphrase only', async () => {
    const files = {
      right: join(testbed.home, 'right'),
      wrong: join(testbed.home, 'wrong'),
      empty: join(testbed.home, 'empty'),
    }
    writeFileSync(files.right, 'correct horse\n')
    writeFileSync(files.wrong, 'battery staple\n')
    writeFileSync(files.empty, '\n')
    const first = testbed.start('bob2', '--passphrase-file', files.right)
    await first.next('ready')
    expect(await first.finish()).toBe(0)
    expect(readFileSync(join(testbed.home, 'bob2', 'identity.pem'), 'utf8')).toMatch(
      /^-----BEGIN ENCRYPTED PRIVATE KEY/,
    )
    const again = testbed.start('bob2', '--passphrase-file', files.right)
    await again.next('ready')
    expect(await again.finish()).toBe(0)

    for (const [args, code] of [
      [['--passphrase-file', files.wrong], 'bad-passphrase'],
      [['--passphrase-file', files.empty], 'bad-passphrase'],
      [[], 'bad-passphrase'],
      [['--passphrase-file', join(testbed.home, 'nowhere')], 'unreadable'],
    ] as const) {
      const refused = testbed.start('bob2', ...args)
      expect(await refused.next('error')).toMatchObject({ code })
      expect(await refused.finish()).toBe(1)
    }
  })

  test.each([
    ['a home under a file', (file: string) => join(file, 'home'), 'unwritable'],
    ['a home that is a file', (file: string) => file, 'unwritable'],
  ])('cannot be in %s', async (_, homeOf, code) => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    const args = ['--name', 'kim', '--directory', testbed.directory, '--home', homeOf(file)]
    const { code: exitCode, stdout, stderr } = await runBin('aes-chat-client', args)
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^error: .* \\(${code}\\)\\n {2}check that the folder exists`)),
    })
  })

  test('is refused when others may read it, when it is none, and when known_peers is damaged', async () => {
    const folder = join(testbed.home, 'bob7')
    mkdirSync(folder)
    writeFileSync(join(folder, 'identity.pem'), 'not a key', { mode: 0o600 })
    const none = testbed.start('bob7')
    expect(await none.next('error')).toMatchObject({ code: 'bad-identity' })
    expect(await none.finish()).toBe(1)

    await (await testbed.client('alice3')).finish()
    writeFileSync(join(testbed.home, 'alice3', 'known_peers'), 'bob rsa AAAA\n')
    await testbed.client('alice7')
    const alice3 = testbed.start('alice3', '--to', 'alice7')
    expect(await alice3.next('closed')).toMatchObject({ code: 'bad-known-peers' })
    expect(await alice3.finish()).toBe(1)
  })
})

test.concurrent('a client and a directory of different rungs tell each other so', async () => {
  const dhTown = await openTestbed('dh-chat')
  for (const [rung, { directory, home }] of [
    ['aes-chat', dhTown],
    ['dh-chat', testbed],
  ] as const) {
    const lost = testbedAround(rung, directory, home).start('bob6')
    expect(await lost.next('error')).toMatchObject({ code: 'wrong-protocol' })
    expect(await lost.finish()).toBe(1)
  }
})

test.concurrent('one identity serves both rungs, and who is known on one is known on the other', async () => {
  const dhTown = await openTestbed('dh-chat', testbed.home)
  for (const [place, identity] of [
    [dhTown, 'new'],
    [testbed, 'known'],
  ] as const) {
    const carol6 = await place.client('carol6')
    const carol2 = place.start('carol2', '--to', 'carol6')
    expect(await carol2.next('open')).toMatchObject({ identity })
    expect(await carol2.finish()).toBe(0)
    await carol6.finish()
  }
})

test.concurrent('without a word about it, a pipe takes calls from those it knows and declines the others', async () => {
  const [carol3, bob4] = await Promise.all([testbed.client('carol3'), testbed.client('bob4')])
  carol3.say('/chat bob4')
  await carol3.next('open')
  carol3.say('/leave')
  await carol3.next('closed')
  await carol3.finish()

  // A call in vain makes nobody known.
  const bob12 = testbed.start('bob12', '--accept', 'ask')
  await bob12.next('ready')
  const before = testbed.start('carol3')
  before.say('/chat bob12')
  await bob12.next('call')
  bob12.say('/decline')
  await before.next('closed')
  before.say('/peers')
  expect(await before.next('peers')).toMatchObject({
    peers: [
      { name: 'bob4', identity: 'known' },
      { name: 'bob12', identity: 'new' },
    ],
  })
  await before.finish()

  const pipe = testbed.pipe('carol3', ['--once'], { input: '' })
  bob12.say('/chat carol3')
  expect(await bob12.next('closed')).toMatchObject({ reason: 'refused', code: 'declined' })
  await bob12.finish()
  const stranger = testbed.start('alice4', '--to', 'carol3', '--wait', '10')
  expect(await stranger.next('closed')).toMatchObject({ reason: 'refused', code: 'declined' })
  expect(await stranger.finish()).toBe(1)
  bob4.say('/msg carol3 it is me')
  await bob4.next('delivered')
  await bob4.finish()
  expect(await pipe.ended()).toMatchObject({ code: 0, stdout: 'bob4: it is me\n' })
})
