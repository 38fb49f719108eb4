import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Registry, memoryRegistry } from '@p2p-secure-chat/basic-p2p/directory/registry'
import { startDirectory } from '@p2p-secure-chat/basic-p2p/directory/directory-server'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { IDENTITY } from '@p2p-secure-chat/core/wire/message-types'
import { verifyRegistration } from '@p2p-secure-chat/dh-chat/directory-proof'
import { beforeAll, describe, expect, test } from 'vitest'
import { openFrameProxy } from '../../core/test/support/frame-proxy.ts'
import { runBin } from '../../core/test/support/process.ts'
import { openTown, temporaryFolder, type Town, townAround } from '../../dh-chat/test/support/chat-town.ts'

let town: Town

beforeAll(async () => {
  town = await openTown('aes-chat')
})

/** The same person in another place, where nobody has heard of the old key. */
const elsewhere = (rung: 'aes-chat' | 'dh-chat' = 'aes-chat') => openTown(rung)

test.concurrent('a changed key blocks the call before the caller says who it is, until /forget', async ({
  onTestFinished,
}) => {
  const proxy = await openFrameProxy()
  onTestFinished(() => proxy.stop())
  const bob = await town.client('bob', '--accept', 'all')
  const before = town.start('alice', '--to', 'bob')
  expect(await before.finish()).toBe(0)
  await bob.finish()

  const other = await elsewhere()
  const impostor = await other.client('bob', '--advertise', String(proxy.port))
  proxy.forwardTo(impostor.listen)
  const there = townAround('aes-chat', other.directory, town.home)
  const blocked = there.start('alice', '--to', 'bob')
  expect(await blocked.next('closed')).toMatchObject({
    peer: 'bob',
    reason: 'error',
    code: 'key-changed',
    message: expect.stringMatching(/another key than the one remembered/),
  })
  expect(await blocked.finish()).toBe(3)
  expect(proxy.frames.filter(({ type }) => type === IDENTITY).map(({ from }) => from)).toEqual(['callee'])

  const alice = await there.client('alice')
  alice.say('/chat bob')
  expect(await alice.next('closed')).toMatchObject({ code: 'key-changed' })
  alice.say('/forget bob')
  alice.say('/chat bob')
  expect(await alice.next('open')).toMatchObject({ peer: 'bob', identity: 'new' })
  expect(await alice.finish()).toBe(0)
})

test.concurrent('a caller whose key changed is refused, and the called one goes on', async () => {
  const carol = await town.client('carol')
  const dave = await town.client('dave')
  dave.say('/chat carol')
  await dave.next('open')
  dave.say('/leave')
  await dave.next('closed')
  await carol.finish()

  const other = await elsewhere()
  const there = townAround('aes-chat', other.directory, town.home)
  const daveThere = await there.client('dave')
  const falseCarol = other.start('carol', '--to', 'dave')
  expect(await daveThere.next('error')).toMatchObject({ code: 'key-changed' })
  expect(await falseCarol.finish()).toBe(3)
  const erin = other.start('erin', '--to', 'dave')
  expect(await erin.finish()).toBe(0)
})

test.concurrent('a name belongs to the key that had it first, and its owner may come back', async () => {
  const frank = await town.client('frank')
  const thief = townAround('aes-chat', town.directory, temporaryFolder())
  expect(await thief.start('frank').next('error')).toMatchObject({ code: 'name-taken' })
  await frank.finish()
  const late = thief.start('frank')
  expect(await late.next('error')).toMatchObject({ code: 'name-taken' })
  expect(await late.finish()).toBe(1)
  const again = town.start('frank')
  await again.next('ready')
  expect(await again.finish()).toBe(0)
})

test.concurrent('a directory that gives the address of somebody else is found out', async ({ onTestFinished }) => {
  const honest = memoryRegistry()
  const lying: Registry = {
    ...honest,
    lookup: async name => {
      const card = await honest.lookup(name === 'grace' ? 'mallory' : name)
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
  const there = townAround('aes-chat', formatAddress(server), temporaryFolder())
  const mallory = await there.client('mallory')
  await there.client('grace')
  const heidi = there.start('heidi', '--to', 'grace')
  heidi.say('for grace alone')
  expect(await heidi.next('closed')).toMatchObject({ peer: 'grace', reason: 'error', code: 'wrong-peer' })
  expect(await heidi.finish()).toBe(3)
  expect(await mallory.next('error')).toMatchObject({ code: 'handshake-failed' })
  expect(mallory.events.map(({ event }) => event)).not.toContain('message')
})

describe.concurrent('the identity on disk', () => {
  test('is private, and the same every time', async () => {
    const ivan = await town.client('ivan')
    const file = join(town.home, 'ivan', 'identity.pem')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await ivan.finish()
    const again = await town.client('ivan')
    await again.finish()
    const fingerprints = [ivan, again].map(({ events: [ready] }) => ready?.event === 'ready' && ready.fingerprint)
    expect(fingerprints[0]).toMatch(/^[\w-]{43}$/)
    expect(fingerprints[1]).toBe(fingerprints[0])
  })

  test('with --passphrase-file is encrypted, and opens with that passphrase only', async () => {
    const files = { right: join(town.home, 'right'), wrong: join(town.home, 'wrong'), empty: join(town.home, 'empty') }
    writeFileSync(files.right, 'correct horse\n')
    writeFileSync(files.wrong, 'battery staple\n')
    writeFileSync(files.empty, '\n')
    const first = town.start('judy', '--passphrase-file', files.right)
    await first.next('ready')
    expect(await first.finish()).toBe(0)
    expect(readFileSync(join(town.home, 'judy', 'identity.pem'), 'utf8')).toMatch(/^-----BEGIN ENCRYPTED PRIVATE KEY/)
    const again = town.start('judy', '--passphrase-file', files.right)
    await again.next('ready')
    expect(await again.finish()).toBe(0)

    for (const [args, code] of [
      [['--passphrase-file', files.wrong], 'bad-passphrase'],
      [['--passphrase-file', files.empty], 'bad-passphrase'],
      [[], 'bad-passphrase'],
      [['--passphrase-file', join(town.home, 'nowhere')], 'unreadable'],
    ] as const) {
      const refused = town.start('judy', ...args)
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
    const args = ['--name', 'kim', '--directory', town.directory, '--home', homeOf(file)]
    const { code: exitCode, stdout, stderr } = await runBin('aes-chat-client', args)
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^error: .* \\(${code}\\)\\n {2}check that the folder exists`)),
    })
  })

  test('is refused when others may read it, when it is none, and when known_peers is damaged', async () => {
    const folder = join(town.home, 'leo')
    mkdirSync(folder)
    writeFileSync(join(folder, 'identity.pem'), 'not a key', { mode: 0o600 })
    const none = town.start('leo')
    expect(await none.next('error')).toMatchObject({ code: 'bad-identity' })
    expect(await none.finish()).toBe(1)

    await (await town.client('mike')).finish()
    writeFileSync(join(town.home, 'mike', 'known_peers'), 'bob rsa AAAA\n')
    await town.client('nina')
    const mike = town.start('mike', '--to', 'nina')
    expect(await mike.next('closed')).toMatchObject({ code: 'bad-known-peers' })
    expect(await mike.finish()).toBe(1)
  })
})

test.concurrent('a client and a directory of different rungs tell each other so', async () => {
  const dhTown = await openTown('dh-chat')
  for (const [rung, { directory, home }] of [
    ['aes-chat', dhTown],
    ['dh-chat', town],
  ] as const) {
    const lost = townAround(rung, directory, home).start('oscar')
    expect(await lost.next('error')).toMatchObject({ code: 'wrong-protocol' })
    expect(await lost.finish()).toBe(1)
  }
})

test.concurrent('one identity serves both rungs, and who is known on one is known on the other', async () => {
  const dhTown = await openTown('dh-chat', town.home)
  for (const [place, identity] of [
    [dhTown, 'new'],
    [town, 'known'],
  ] as const) {
    const peggy = await place.client('peggy')
    const quentin = place.start('quentin', '--to', 'peggy')
    expect(await quentin.next('open')).toMatchObject({ identity })
    expect(await quentin.finish()).toBe(0)
    await peggy.finish()
  }
})

test.concurrent('without a word about it, a pipe takes calls from those it knows and declines the others', async () => {
  const [rupert, sybil] = await Promise.all([town.client('rupert'), town.client('sybil')])
  rupert.say('/chat sybil')
  await rupert.next('open')
  rupert.say('/leave')
  await rupert.next('closed')
  await rupert.finish()

  const pipe = town.pipe('rupert', ['--once'], { input: '' })
  const stranger = town.start('trent', '--to', 'rupert', '--wait', '10')
  expect(await stranger.next('closed')).toMatchObject({ reason: 'refused', code: 'declined' })
  expect(await stranger.finish()).toBe(1)
  sybil.say('/msg rupert it is me')
  await sybil.next('delivered')
  await sybil.finish()
  expect(await pipe.ended()).toMatchObject({ code: 0, stdout: 'sybil: it is me\n' })
})
