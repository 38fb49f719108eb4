import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { openTestbed, type Testbed } from '../../../dh-chat/test/support/chat-testbed.ts'

let testbed: Testbed
beforeAll(async () => {
  testbed = await openTestbed('aes-chat')
})

/** Lets a key have another name as well. */
function rename(from: string, to: string): void {
  cpSync(join(testbed.home, from), join(testbed.home, to), { recursive: true })
}

test('who is blocked is shut out in later runs too, under every name, and sees no more than a declined call', async () => {
  const first = await testbed.client('alice')
  const mallory = testbed.start('mallory', '--to', 'alice')
  await first.next('open')
  first.say('/block mallory')
  expect(await first.next('closed')).toMatchObject({ peer: 'mallory', code: null })
  expect(await mallory.next('closed')).toMatchObject({ reason: 'bye', code: null })
  await mallory.finish()
  await first.finish()

  // Another directory lets anybody take the name mallory.
  const later = await openTestbed('aes-chat', testbed.home)
  const alice = await later.client('alice')
  alice.say('/block')
  expect(await alice.next('blocked')).toMatchObject({
    peers: [{ name: 'mallory', fingerprint: expect.stringMatching(/^[\w-]{43}$/) }],
  })
  rename('mallory', 'carol')
  rmSync(join(testbed.home, 'mallory'), { recursive: true })
  for (const name of ['carol', 'mallory']) {
    const caller = later.start(name, '--to', 'alice')
    expect(await caller.next('closed')).toMatchObject({ peer: 'alice', reason: 'refused', code: 'declined' })
    expect(await caller.finish()).toBe(1)
  }

  alice.say('/chat mallory')
  expect(await alice.next('closed')).toMatchObject({ peer: 'mallory', reason: 'refused', code: 'blocked' })
  alice.say('/unblock mallory')
  alice.say('/unblock mallory')
  expect(await alice.next('error')).toMatchObject({ code: 'unknown-user' })
  const again = later.start('carol', '--to', 'alice')
  await again.next('open')
  expect(await again.finish()).toBe(0)
  await alice.finish()
  expect(alice.events.filter(event => event.event === 'call' && event.peer === 'mallory')).toEqual([])
})

test('a blocked key that answers under another name is not talked to', async () => {
  const bob = await testbed.client('bob')
  rename('bob', 'robert')
  const robert = await testbed.client('robert')
  const alice2 = await testbed.client('alice2')
  alice2.say('/chat bob')
  await alice2.next('open')
  alice2.say('/block bob')
  await alice2.next('closed')
  alice2.say('/chat robert')
  expect(await alice2.next('closed')).toMatchObject({ peer: 'robert', code: 'blocked' })
  for (const one of [bob, robert, alice2]) await one.finish()
  expect(robert.events.filter(({ event }) => event === 'call')).toEqual([])
})
