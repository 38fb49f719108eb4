import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { blockedPeers } from '../../src/identity/blocked-peers.ts'
import { knownPeers } from '../../src/identity/known-peers.ts'
import { temporaryFolder } from '../support/chat-testbed.ts'
import { bob, carol, mallory } from '../support/people.ts'

let home: string
let file: string
beforeEach(() => {
  home = temporaryFolder()
  mkdirSync(join(home, 'alice'))
  file = join(home, 'alice', 'blocked')
})

/** The list as a program that has just started finds it. */
const list = () => blockedPeers(home, 'alice', knownPeers(home, 'alice'))
const content = () => readFileSync(file, 'latin1')

test('who is blocked stays so in later runs: the name with any key, the key with any name', async () => {
  expect(await list().block('mallory', mallory.fingerprint)).toBe(mallory.fingerprint)
  expect(content()).toBe(`mallory sha256 ${mallory.fingerprint}\n`)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await list().blocks('mallory', mallory.fingerprint)).toBe(true)
  expect(await list().blocks('mallory', bob.fingerprint)).toBe(true)
  expect(await list().blocks('mallory', null)).toBe(true)
  expect(await list().blocks('bob', mallory.fingerprint)).toBe(true)
  expect(await list().blocks('bob', bob.fingerprint)).toBe(false)
  expect(await list().list()).toEqual([{ name: 'mallory', fingerprint: mallory.fingerprint }])
})

test('of somebody who is not there, the key that is known is blocked, or else the name alone', async () => {
  await knownPeers(home, 'alice').remember('bob', bob.key)
  expect(await list().block('bob', null)).toBe(bob.fingerprint)
  expect(await list().block('carol', null)).toBe(null)
  expect(content()).toBe(`bob sha256 ${bob.fingerprint}\ncarol\n`)
  expect(await list().blocks('robert', bob.fingerprint)).toBe(true)
  expect(await list().blocks('robert', carol.fingerprint)).toBe(false)
})

test('blocking again adds a key that was not known, and loses none', async () => {
  await list().block('carol', null)
  expect(await list().block('carol', carol.fingerprint)).toBe(carol.fingerprint)
  expect(await list().block('carol', null)).toBe(carol.fingerprint)
  expect(content()).toBe(`carol sha256 ${carol.fingerprint}\n`)
})

test('to unblock a name lets its key in again as well; who was not blocked is said to be so', async () => {
  await list().block('mallory', mallory.fingerprint)
  expect(await list().unblock('mallory')).toBe(true)
  expect(await list().unblock('mallory')).toBe(false)
  expect(await list().blocks('mallory', mallory.fingerprint)).toBe(false)
})

test('the file may be edited by hand: comments, order and spacing stay', async () => {
  const written = ['# who rings at night', '', `  mallory\tsha256  ${mallory.fingerprint} `, 'bob\r']
  writeFileSync(file, written.join('\n'), 'latin1')
  await list().block('carol', carol.fingerprint)
  await list().unblock('bob')
  expect(content()).toBe([...written.slice(0, 3), `carol sha256 ${carol.fingerprint}`, ''].join('\n'))
})

test.each([
  ['another kind of key', `bob ed25519 ${bob.fingerprint}`],
  ['a kind and no key', 'bob sha256'],
  ['half a fingerprint', `bob sha256 ${bob.fingerprint.slice(20)}`],
  ['another spelling of a fingerprint', `bob sha256 ${bob.fingerprint}=`],
  ['a word too many', `bob sha256 ${bob.fingerprint} verified`],
  ['a name that is none', 'Bob'],
  ['a name that has a line already', 'mallory'],
])('a file with %s is refused, and the line is named', async (_, line) => {
  writeFileSync(file, `# one\nmallory\n${line}\n`)
  const refused = {
    code: 'bad-known-peers',
    message: expect.stringMatching(/^line 3 of the blocked peers: /),
  }
  await expect(list().blocks('carol', null)).rejects.toMatchObject(refused)
  await expect(list().block('carol', null)).rejects.toMatchObject(refused)
  await expect(list().unblock('mallory')).rejects.toMatchObject(refused)
  expect(content()).toBe(`# one\nmallory\n${line}\n`)
})
