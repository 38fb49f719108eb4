import { IDENTITY } from '@p2p-secure-chat/dh-chat/messages'
import { beforeAll, expect, test } from 'vitest'
import { openPath } from '../../../stage/src/path.ts'
import { runBin, startBin } from '../../../core/test/support/process.ts'
import {
  type Chatter,
  openTestbed,
  temporaryFolder,
  textsOf,
  type Testbed,
  testbedAround,
} from '../../../dh-chat/test/support/chat-testbed.ts'

let testbed: Testbed

beforeAll(async () => {
  testbed = await openTestbed('aes-chat')
})

/** What somebody's /invite says. */
async function inviteOf(chatter: Chatter): Promise<string> {
  chatter.say('/invite')
  return (await chatter.next('invite')).invite
}

test.concurrent('an invite names its owner, the directory and the whole fingerprint', async () => {
  const bob1 = testbed.start('bob1')
  const { fingerprint } = await bob1.next('ready')
  expect(await inviteOf(bob1)).toBe(`chat:bob1@${testbed.directory}#${fingerprint}`)
  expect(await bob1.finish()).toBe(0)
})

test.concurrent('from a pipe it is on stdout, with a warning on stderr where it works on this machine only, and no picture', async () => {
  const { stdout, stderr } = await testbed.pipe('bob2', [], { input: '/invite\n' }).ended()
  expect(stdout).toMatch(/^chat:bob2@127\.0\.0\.1:\d+#[\w-]{43}\n$/)
  expect(stderr).toMatch(/^it works on this machine only/m)
  expect(stderr).not.toMatch(/[█▀▄]/)
})

test.concurrent('who calls with it finds the directory and the key: known at once, and the inviter sees somebody new', async () => {
  const bob3 = await testbed.client('bob3')
  const invite = await inviteOf(bob3)
  const home = temporaryFolder()
  const alice = startBin('chat-client', ['--name', 'alice3', '--home', home, '--json', '--to', invite], {
    input: 'hello\n',
  })
  const { code, stdout } = await alice.ended()
  expect(code).toBe(0)
  expect(stdout).toMatch(/"event":"open".*"identity":"known".*"notices":\["it is the key in the invite of bob3"\]/)
  expect(await bob3.next('open')).toMatchObject({ peer: 'alice3', identity: 'new' })
  expect(await bob3.finish()).toBe(0)
  expect(textsOf(bob3.events)).toEqual(['hello'])

  const again = await testbedAround('aes-chat', testbed.directory, home).client('alice3')
  again.say('/peers')
  expect(await again.next('peers')).toMatchObject({ peers: [{ name: 'bob3', identity: 'known' }] })
  expect(await again.finish()).toBe(0)
})

test.concurrent('another key than the invited one is refused before the caller says who it is', async ({
  onTestFinished,
}) => {
  const proxy = await openPath()
  onTestFinished(() => proxy.stop())
  const bob4 = await testbed.client('bob4')
  const invite = await inviteOf(bob4)
  const other = await openTestbed('aes-chat')
  const impostor = await other.client('bob4', '--advertise', String(proxy.port))
  proxy.forwardTo(impostor.listen)
  // --directory goes before the directory of the invite: this one lies about bob4.
  const alice = other.start('alice4', '--to', invite)
  expect(await alice.next('closed')).toMatchObject({
    peer: 'bob4',
    code: 'wrong-peer',
    message: expect.stringMatching(/^bob4 answered with a key other than the one in the invite/),
  })
  expect(await alice.finish()).toBe(3)
  expect(proxy.passed.filter(({ type }) => type === IDENTITY.type).map(({ from }) => from)).toEqual(['listener'])

  const again = await other.client('alice4')
  again.say(`/chat ${invite.replace(testbed.directory, other.directory)}`)
  expect(await again.next('closed')).toMatchObject({ code: 'wrong-peer' })
  impostor.say('/chat alice4')
  expect(await again.next('error')).toMatchObject({
    code: 'wrong-peer',
    message: expect.stringMatching(/^a call came in the name of bob4 with a key other than the one in the invite/),
  })
  expect(await again.finish()).toBe(0)
})

test.concurrent('an invite that contradicts the remembered key is refused before anybody is called', async () => {
  const bob5 = await testbed.client('bob5')
  const before = testbed.start('alice5', '--to', 'bob5')
  expect(await before.finish()).toBe(0)
  const invite = await inviteOf(bob5)
  const forged = invite.replace(/#./, hash => (hash === '#A' ? '#B' : '#A'))
  const alice = testbed.start('alice5', '--to', forged)
  expect(await alice.next('error')).toMatchObject({
    code: 'key-changed',
    message: expect.stringMatching(/^the invite of bob5 has a key other than the one remembered/),
  })
  expect(await alice.finish()).toBe(3)
  const same = testbed.start('alice5', '--to', invite)
  expect(await same.next('open')).toMatchObject({ peer: 'bob5', identity: 'known', notices: [] })
  expect(await same.finish()).toBe(0)
})

test.concurrent('/chat takes an invite of the present directory, and no other one', async () => {
  const bob6 = await testbed.client('bob6')
  const invite = await inviteOf(bob6)
  const alice = await testbed.client('alice6')
  alice.say(`/chat ${invite.replace('127.0.0.1', '192.0.2.7')}`)
  expect(await alice.next('error')).toMatchObject({ code: 'bad-invite', message: expect.stringContaining('192.0.2.7') })
  alice.say(`/chat ${invite.slice(0, -1)}`)
  expect(await alice.next('error')).toMatchObject({ code: 'bad-invite' })
  alice.say(`/chat ${invite}`)
  expect(await alice.next('open')).toMatchObject({ peer: 'bob6', identity: 'known' })
  alice.say(`/chat ${invite.replace(/#./, hash => (hash === '#A' ? '#B' : '#A'))}`)
  expect(await alice.next('error')).toMatchObject({ code: 'wrong-peer' })
  alice.say('still the same')
  alice.say('/leave')
  await alice.next('closed')
  expect(await alice.finish()).toBe(0)
  await bob6.finish()
  expect(textsOf(bob6.events)).toEqual(['still the same'])
})

test.concurrent('what is no invite is wrong usage, and so is an invite without keys', async () => {
  const at = ['--name', 'alice', '--directory', testbed.directory, '--home', temporaryFolder()]
  const broken = await runBin('chat-client', [...at, '--to', 'chat:bob@127.0.0.1:1#short'])
  expect([broken.code, broken.stderr]).toEqual([2, expect.stringMatching(/\(bad-invite\)\n {2}ask for it again/)])
  const keyless = await runBin('basic-chat-client', [...at, '--to', `chat:bob@127.0.0.1:1#${'A'.repeat(43)}`])
  expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('an invite needs keys')])
})
