import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { expectedKeys } from '../../src/identity/expected-keys.ts'
import { knownPeers } from '../../src/identity/known-peers.ts'
import { bob, mallory } from '../support/people.ts'

function scene() {
  const home = mkdtempSync(join(tmpdir(), 'expected-keys-'))
  mkdirSync(join(home, 'alice'))
  onTestFinished(() => rmSync(home, { recursive: true }))
  const pinned = knownPeers(home, 'alice')
  return { pinned, peers: expectedKeys(pinned) }
}

test('without an invite it knows what is remembered, and nothing else', async () => {
  const { peers } = scene()
  expect(await peers.look('bob', bob.key)).toEqual({ identity: 'new', notices: [] })
  await peers.remember('bob', bob.key)
  expect(await peers.look('bob', bob.key)).toMatchObject({ identity: 'new' })
  await peers.opened('bob', bob.key)
  expect(await peers.look('bob', bob.key)).toMatchObject({ identity: 'known' })
  await expect(peers.look('bob', mallory.key)).rejects.toMatchObject({ code: 'key-changed' })
})

test('the key of an invite is known and not verified, and remembered only when it is called', async () => {
  const { peers, pinned } = scene()
  await peers.expect('bob', bob.fingerprint)
  expect(await peers.look('bob', bob.key)).toMatchObject({
    identity: 'known',
    notices: ['it is the key in the invite of bob'],
  })
  expect(await pinned.list()).toEqual([])
  await peers.markVerified('bob', bob.key)
  expect(await peers.look('bob', bob.key)).toEqual({ identity: 'verified', notices: [] })
})

test('any other key is neither taken nor remembered nor verified', async () => {
  const { peers, pinned } = scene()
  await peers.expect('bob', bob.fingerprint)
  for (const tamper of ['look', 'remember', 'opened', 'markVerified'] as const) {
    await expect(peers[tamper]('bob', mallory.key)).rejects.toMatchObject({ code: 'wrong-peer' })
  }
  expect(await pinned.list()).toEqual([])
  expect(await peers.look('mallory', mallory.key), 'other names are as they were').toMatchObject({ identity: 'new' })
})

test('an invite does not replace what is remembered', async () => {
  const { peers } = scene()
  await peers.remember('bob', bob.key)
  await peers.opened('bob', bob.key)
  await expect(peers.expect('bob', mallory.fingerprint)).rejects.toMatchObject({ code: 'key-changed' })
  expect(await peers.look('bob', bob.key)).toMatchObject({ identity: 'known' })
  await peers.expect('bob', bob.fingerprint)
  expect(await peers.look('bob', bob.key)).toEqual({ identity: 'known', notices: [] })
})

test('who is forgotten is expected no more', async () => {
  const { peers } = scene()
  await peers.expect('bob', bob.fingerprint)
  expect(await peers.forget('bob')).toBe(true)
  expect(await peers.forget('bob')).toBe(false)
  expect(await peers.look('bob', mallory.key)).toMatchObject({ identity: 'new' })
})
