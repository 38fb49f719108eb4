import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keepLastName, readLastName } from '@p2p-secure-chat/basic-p2p/program/ask-name'
import { beforeEach, describe, expect, test } from 'vitest'
import { blockedPeers } from '../../src/identity/blocked-peers.ts'
import { loadOrCreateIdentity } from '../../src/identity/identity-file.ts'
import { knownPeers } from '../../src/identity/known-peers.ts'
import { MAX_OWN_FILE_BYTES, ownFiles } from '../../src/identity/own-files.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'

let home: string
beforeEach(() => {
  home = temporaryFolder()
  mkdirSync(join(home, 'alice'))
})

const readers: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['known_peers', () => knownPeers(home, 'alice').list()],
  ['blocked', () => blockedPeers(home, 'alice', knownPeers(home, 'alice')).list()],
  ['settings', () => ownFiles(home, 'alice').read('settings')],
  ['history', () => ownFiles(home, 'alice').read('history')],
]

const oddities: readonly (readonly [string, (path: string) => void])[] = [
  ['a pipe', path => void execFileSync('mkfifo', ['-m', '600', path])],
  ['a folder', path => mkdirSync(path)],
  ['a link to a device', path => symlinkSync('/dev/zero', path)],
  ['too large', makeTooLarge],
]

function makeTooLarge(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, MAX_OWN_FILE_BYTES + 1)
}

// A pipe would keep its reader waiting, a device has no end, and neither may a file be read into memory at any size.
describe.each(readers)('%s', (file, read) => {
  test.each(oddities)('that is %s is unreadable, at once', async (_, make) => {
    const path = join(home, 'alice', file)
    make(path)
    await expect(read()).rejects.toMatchObject({ code: 'unreadable', message: expect.stringContaining(path) })
  })
})

test('a pipe in the place of the last name suggests none', async () => {
  execFileSync('mkfifo', [join(home, '.last-name')])
  expect(await readLastName(home)).toBeNull()
  await keepLastName(home, 'alice')
  expect(statSync(join(home, '.last-name')).isFIFO()).toBe(true)
})

test('a link in the place of the last name leads it nowhere', async () => {
  writeFileSync(join(home, 'other'), 'stays')
  symlinkSync(join(home, 'other'), join(home, '.last-name'))
  await keepLastName(home, 'alice')
  expect(readFileSync(join(home, 'other'), 'utf8')).toBe('stays')
})

test('the last name is kept in a file for its owner alone, whatever was there before', async () => {
  await keepLastName(home, 'alice-the-first')
  await keepLastName(home, 'bob')
  expect(await readLastName(home)).toBe('bob')
  expect(statSync(join(home, '.last-name')).mode & 0o777).toBe(0o600)
})

test('an identity that is a pipe is unreadable, at once', async () => {
  const path = join(home, 'alice', 'identity.pem')
  execFileSync('mkfifo', ['-m', '600', path])
  await expect(loadOrCreateIdentity({ home, name: 'alice' })).rejects.toMatchObject({
    code: 'unreadable',
    message: `cannot read ${path}: it is a pipe`,
  })
})
