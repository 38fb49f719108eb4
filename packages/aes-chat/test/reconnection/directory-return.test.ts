import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openPath, pass } from '../../../stage/src/path.ts'
import { type Chatter, temporaryFolder, townAround } from '../../../dh-chat/test/support/chat-town.ts'
import { mortalTown } from '../../../dh-chat/test/support/mortal-town.ts'

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
  const town = await mortalTown('aes-chat')
  const bob = await town.client('bob')
  const alice = await town.client('alice')
  alice.say('/chat bob')
  await alice.next('open')
  await bob.next('open')

  await town.kill()
  await Promise.all([change(alice, 'gone'), change(bob, 'gone')])
  alice.say('still there?')
  expect(await heard(bob)).toBe('still there?')
  alice.say('/chat carol')
  expect(await alice.next('closed')).toMatchObject({ peer: 'carol', code: 'no-directory' })
  alice.say('/who')
  expect(await alice.next('error')).toMatchObject({ code: 'no-directory', hint: expect.stringContaining('go on') })

  await town.restart()
  await Promise.all([change(alice, 'back'), change(bob, 'back')])
  const carol = await town.client('carol')
  carol.say('/who')
  expect(await carol.next('users')).toMatchObject({ users: [{ name: 'alice' }, { name: 'bob' }, { name: 'carol' }] })
  carol.say('/msg bob hello from carol')
  expect(await heard(bob)).toBe('hello from carol')
  alice.say('/msg bob and still there')
  expect(await heard(bob)).toBe('and still there')
  expect(alice.events.filter(({ event }) => event === 'directory')).toHaveLength(2)
})

test('who waits for somebody goes on waiting when the directory returns', async () => {
  const town = await mortalTown('aes-chat')
  const alice = town.start('alice', '--to', 'bob', '--wait', '60')
  await alice.next('presence')
  await town.kill()
  await change(alice, 'gone')
  await town.restart()
  await change(alice, 'back')
  const bob = await town.client('bob')
  await alice.next('open')
  alice.say('there you are')
  expect(await heard(bob)).toBe('there you are')
  expect(await alice.finish()).toBe(0)
})

test('without a directory and with its connection cut, a conversation goes on where the peer was last', async () => {
  const town = await mortalTown('aes-chat')
  const proxy = await openPath()
  let broken = false
  proxy.interfere((frame, road) => (broken ? road.cut() : pass(frame, road)))
  const bob = await town.client('bob', '--advertise', String(proxy.port))
  proxy.forwardTo(bob.listen)
  const alice = await town.client('alice')
  alice.say('/chat bob')
  await bob.next('open')
  await town.kill()
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
  const town = await mortalTown('aes-chat')
  const first = await town.client('alice')
  const refused = town.start('alice')
  expect(await refused.next('error')).toMatchObject({ code: 'name-in-use' })
  const home = temporaryFolder()
  cpSync(join(town.home, 'alice'), join(home, 'alice'), { recursive: true })
  const second = await townAround('aes-chat', town.directory, home).client('alice')
  expect(await first.next('directory')).toMatchObject({ state: 'replaced', code: 'name-taken' })
  first.say('/who')
  expect(await first.next('error')).toMatchObject({
    code: 'no-directory',
    hint: expect.stringContaining('start again'),
  })
  second.say('/who')
  expect(await second.next('users')).toMatchObject({ users: [{ name: 'alice' }] })
  await town.kill()
  await change(second, 'gone')
  await town.restart()
  await change(second, 'back')
  expect(await first.finish()).toBe(0)
  expect(first.events.filter(({ event }) => event === 'directory')).toHaveLength(1)
})
