import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { openTestbed } from '../../dh-chat/test/support/chat-testbed.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** From an event's name to its row in docs/scripts.md. */
const rows = new Map<string, string>()

beforeAll(() => {
  const [, table = ''] = read('../../../docs/scripts.md').split('| event | when | fields |')
  for (const [row, name = ''] of table
    .split('\n\n', 1)
    .join('')
    .matchAll(/^\| `(\w+)` \|.*$/gm))
    rows.set(name, row)
})

test('docs/scripts.md has a row for each event that there is', () => {
  const source = read('../../basic-p2p/src/chat/chat-event.ts')
  const names = [...source.matchAll(/readonly event: '(\w+)'/g)].map(([, name = '']) => name)
  expect([...rows.keys()].toSorted()).toEqual(names.toSorted())
})

test('what `ready` says of the protection is what `open` says later', async () => {
  for (const rung of ['aes-chat', 'dh-chat'] as const) {
    const testbed = await openTestbed(rung)
    const bob = await testbed.client('bob')
    const alice = testbed.start('alice', '--to', 'bob')
    const { confidential, integrity } = await alice.next('ready')
    expect(await alice.next('open')).toMatchObject({ confidential, integrity })
    expect([confidential, integrity]).toEqual([true, rung === 'aes-chat'])
    await alice.finish()
    await bob.finish()
  }
})

test('and each field that is printed stands in the row of its event', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = testbed.start('alice', '--to', 'bob', '--wait', '10')
  const file = fileURLToPath(import.meta.url)
  for (const line of ['/who', '/invite', '/peers', `/send ${file}`, 'hello', '/chat mallory', '/nonsense'])
    alice.say(line)
  await bob.next('file')
  bob.say('/decline')
  const awaited = new Set<string>(['delivered', 'closed', 'error'])
  while (awaited.size > 0) awaited.delete((await alice.next('delivered', 'closed', 'error')).event)
  await alice.finish()
  await bob.finish()
  const events = [...alice.events, ...bob.events]
  expect(new Set(events.map(({ event }) => event)).size, 'a test of few events says little').toBeGreaterThan(10)
  for (const event of events) {
    for (const field of Object.keys(event)) {
      if (['v', 'at', 'event'].includes(field)) continue
      expect(rows.get(event.event)).toContain(`\`${field}\``)
    }
  }
})
