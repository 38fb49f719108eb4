import { expect, test } from 'vitest'
import { runBin } from '../../core/test/support/process.ts'

test.each([
  [['raed', 'file'], 'there is no command raed; did you mean read?'],
  [['wireshrak', '--help'], 'there is no command wireshrak; did you mean wireshark?'],
  [['--no-color', 'keys', '--help'], 'there is no command keys'],
])('chat-lab refuses %j', async (args, why) => {
  const { code, stdout, stderr } = await runBin('chat-lab', args)
  expect([code, stdout, stderr]).toEqual([2, '', `error: ${why} (usage)\n  see --help\n`])
})

test.each([['--help'], ['help'], ['help', 'read'], ['read', '--help'], ['wireshark', 'install', '--help']])(
  'chat-lab %s %s %s has help',
  async (...args) => {
    expect(await runBin('chat-lab', args)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: chat-lab'),
    })
  },
)
