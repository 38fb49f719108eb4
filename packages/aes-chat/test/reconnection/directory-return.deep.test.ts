import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPath, pass } from '../../../stage/src/path.ts'
import { type Chatter, temporaryFolder, testbedAround } from '../../../dh-chat/test/support/chat-testbed.ts'
import { mortalTestbed } from '../../../dh-chat/test/support/mortal-testbed.ts'

async function change(chatter: Chatter, state: string) {
  expect(await chatter.next('directory')).toMatchObject({ state })
}

/** The next text that somebody else said. */
async function heard(chatter: Chatter): Promise<string> {
  for (;;) {
    const { direction, text } = await chatter.next('message')
    if (direction === 'in') return text
  }
}

test('the directory is killed and started again: talk goes on, and both are registered again by themselves', async () => {
  const testbed = await mortalTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await testbed.client('alice')
  alice.say('/chat bob')
  await alice.next('open')
  await bob.next('open')

  await testbed.kill()
  await Promise.all([change(alice, 'gone'), change(bob, 'gone')])
  alice.say('still there?')
  expect(await heard(bob)).toBe('still there?')
  alice.say('/chat carol')
  expect(await alice.next('closed')).toMatchObject({ peer: 'carol', code: 'no-directory' })
  alice.say('/who')
  expect(await alice.next('error')).toMatchObject({ code: 'no-directory', hint: expect.stringContaining('go on') })

  await testbed.restart()
  await Promise.all([change(alice, 'back'), change(bob, 'back')])
  const carol = await testbed.client('carol')
  carol.say('/who')
  expect(await carol.next('users')).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }, { name: 'carol' }] })
  carol.say('/msg bob hello from carol')
  expect(await heard(bob)).toBe('hello from carol')
  alice.say('/msg bob and still there')
  expect(await heard(bob)).toBe('and still there')
  expect(alice.events.filter(({ event }) => event === 'directory')).toHaveLength(2)
})

test('who waits for somebody goes on waiting when the directory returns', async () => {
  const testbed = await mortalTestbed('aes-chat')
  const alice = testbed.start('alice', '--to', 'bob', '--wait', '60')
  await alice.next('presence')
  await testbed.kill()
  await change(alice, 'gone')
  await testbed.restart()
  await change(alice, 'back')
  const bob = await testbed.client('bob')
  await alice.next('open')
  alice.say('there you are')
  expect(await heard(bob)).toBe('there you are')
  expect(await alice.finish()).toBe(0)
})

test('without a directory and with its connection cut, a conversation goes on where the peer was last', async () => {
  const testbed = await mortalTestbed('aes-chat')
  const proxy = await openPath()
  let broken = false
  proxy.setTamper((frame, forward) => (broken ? forward.cut() : pass(frame, forward)))
  const bob = await testbed.client('bob', '--advertise', String(proxy.port))
  proxy.forwardTo(bob.listen)
  const alice = await testbed.client('alice')
  alice.say('/chat bob')
  await bob.next('open')
  await testbed.kill()
  await Promise.all([change(alice, 'gone'), change(bob, 'gone')])

  broken = true
  alice.say('can you hear me?')
  await alice.next('interrupted')
  broken = false
  await alice.next('resumed')
  expect(await heard(bob)).toBe('can you hear me?')
  expect(alice.events.filter(({ event }) => event === 'closed')).toEqual([])
})

test('a start with the same key from elsewhere replaces the first one, which is told so and does not fight back', async () => {
  const testbed = await mortalTestbed('aes-chat')
  const first = await testbed.client('alice')
  const refused = testbed.start('alice')
  expect(await refused.next('error')).toMatchObject({ code: 'name-in-use' })
  const home = temporaryFolder()
  cpSync(join(testbed.home, 'alice'), join(home, 'alice'), { recursive: true })
  const second = await testbedAround('aes-chat', testbed.directory, home).client('alice')
  expect(await first.next('directory')).toMatchObject({ state: 'replaced', code: 'name-taken' })
  first.say('/who')
  expect(await first.next('error')).toMatchObject({
    code: 'no-directory',
    hint: expect.stringContaining('start again'),
  })
  second.say('/who')
  expect(await second.next('users')).toMatchObject({ users: [{ name: 'alice' }] })
  await testbed.kill()
  await change(second, 'gone')
  await testbed.restart()
  await change(second, 'back')
  expect(await first.finish()).toBe(0)
  expect(first.events.filter(({ event }) => event === 'directory')).toHaveLength(1)
})
