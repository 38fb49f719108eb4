import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { expect, test } from 'vitest'
import { runBin, startBin } from '../../../core/test/support/process.ts'
import { openTestbed } from '../../../dh-chat/test/support/chat-testbed.ts'
import { answerToyCall, placeToyCall, TOY_SCRIPT } from '../../src/crack/toy-conversation.ts'
import { toyGroupNamed } from '../../src/textbook/toy-exchange.ts'
import { isLegible } from '@p2p-secure-chat/stage/legible'
import { openPath } from '@p2p-secure-chat/stage/path'

const here = { host: '127.0.0.1', port: 0 }

test.each(['peer-dh/1', 'peer-aes/1'] as const)('alice and bob talk over %s in a toy group', async protocol => {
  const options = { protocol, group: toyGroupNamed('toy24') }
  const callee = await answerToyCall(here, options)
  const path = await openPath({ unit: 'segment' })
  path.forwardTo(callee.address)
  try {
    await Promise.all([placeToyCall(path, options), callee.over])
  } finally {
    path.stop()
  }
  expect(isLegible(path.passed, '"group":"toy24"')).toBe(true)
  for (const [, text] of TOY_SCRIPT) expect(isLegible(path.passed, text)).toBe(false)
})

test('both sides run as commands', async () => {
  const bob = startBin('chat-lab', ['toy', '--listen', '127.0.0.1:0', '--group', 'toy48', '--rung', 'dh'])
  const address = formatAddress(await bob.listening())
  const alice = await runBin('chat-lab', ['toy', '--to', address, '--group', 'toy48', '--rung', 'dh'])
  expect([alice.code, alice.stderr, (await bob.ended()).code]).toEqual([0, '', 0])
})

test.each([
  [[], 'usage', 2],
  [['--to', '127.0.0.1:1', '--listen', '127.0.0.1:0'], 'usage', 2],
  [['--to', '127.0.0.1:1', '--rung', 'basic'], 'usage', 2],
  [['--to', '127.0.0.1:1', '--group', 'ffdhe2048'], 'unknown-group', 2],
  [['--to', '127.0.0.1:1'], 'unreachable', 1],
])('toy %j is %s', async (args, error, exit) => {
  const { code, stderr, stdout } = await runBin('chat-lab', ['toy', ...args])
  expect([code, stdout]).toEqual([exit, ''])
  expect(stderr).toContain(`(${error})`)
})

test.each([
  ['dh-chat', 'peer-dh/1'],
  ['aes-chat', 'peer-aes/1'],
] as const)('a real client of %s takes no call in a toy group', async (rung, protocol) => {
  const testbed = await openTestbed(rung)
  const bob = await testbed.client('bob')
  const call = placeToyCall(bob.listen, { protocol, group: toyGroupNamed('toy40') })
  await expect(call).rejects.toMatchObject({ code: 'no-common-group' })
  const alice = testbed.pipe('alice', ['--group', 'toy40', '--to', 'bob'], { input: 'hello\n' })
  const { code, stderr } = await alice.ended()
  expect([code, stderr]).toEqual([expect.toSatisfy(exit => exit !== 0), expect.stringContaining('toy40')])
})
