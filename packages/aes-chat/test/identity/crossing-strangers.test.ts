import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { deferred } from '@p2p-secure-chat/core/deferred'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Identity } from '@p2p-secure-chat/dh-chat/identity/identity'
import { knownPeers } from '@p2p-secure-chat/dh-chat/identity/known-peers'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { alice, bob, mallory } from '../../../dh-chat/test/support/people.ts'
import { startPerson } from '../../../dh-chat/test/support/person.ts'
import { testGroup } from '../../../dh-chat/test/support/test-group.ts'
import { aesUpgrade } from '../../src/aes-upgrade.ts'

function setUp(identity: Identity) {
  const home = temporaryFolder()
  mkdirSync(join(home, identity.name))
  const known = knownPeers(home, identity.name)
  return { known, upgrade: aesUpgrade({ identity, knownPeers: known, groups: [testGroup] }) }
}

async function start(...args: Parameters<typeof startPerson>) {
  const person = await startPerson(...args)
  onTestFinished(() => person.stop())
  return person
}

/** Alice, who is looking for bob until the test says where he is or that he is not to be found. */
async function searchingAlice() {
  const { promise: place, resolve: found, reject: giveUp } = deferred<Address>()
  const { known, upgrade } = setUp(alice)
  return { known, found, giveUp, person: await start('alice', upgrade, () => place, 'known') }
}

const impostor = { ...mallory, name: 'bob' }

test('who calls in the name that we are dialling is not taken for its owner', async () => {
  const { known, giveUp, person } = await searchingAlice()
  const stranger = await start('bob', setUp(impostor).upgrade, () => person.address)
  const another = await start('bob', setUp(impostor).upgrade, () => person.address)

  const call = person.engine.call('bob')
  const intrusions = [stranger.engine.call('alice'), another.engine.call('alice')]
  // Only the second one is answered while alice is dialling, so both have reached her.
  expect(await Promise.race([call, ...intrusions])).toBe(false)
  expect(person.engine.open).toEqual([])

  giveUp(new ChatError('unknown-user', 'bob is not online'))
  expect(await Promise.all([call, ...intrusions])).toEqual([false, false, false])
  expect(person.events.filter(({ event }) => event === 'open')).toEqual([])
  expect(await known.list()).toEqual([])
})

test('the owner of the name is reached although a stranger called in it meanwhile', async () => {
  const { known, found, person } = await searchingAlice()
  const callee = await start('bob', setUp(bob).upgrade, () => person.address)
  const stranger = await start('bob', setUp(impostor).upgrade, () => person.address)

  const call = person.engine.call('bob')
  const intrusion = stranger.engine.call('alice')
  found(callee.address)
  expect(await call).toBe(true)
  expect(await intrusion).toBe(false)
  expect(person.engine.security('bob')?.fingerprint).toBe(bob.fingerprint)
  expect((await known.list()).map(({ key }) => Buffer.from(key))).toEqual([Buffer.from(bob.key)])
})
