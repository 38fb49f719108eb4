import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, onTestFinished, test } from 'vitest'
import { cutBefore, flipBody, once } from '../../stage/src/tampering.ts'
import { type Tamper, openPath } from '../../stage/src/path.ts'
import { openTestbed, temporaryFolder } from './support/chat-testbed.ts'
import { nextFile } from './support/file-events.ts'

const content = randomBytes(3_000_000)

/** Alice sends bob a file, and somebody on the path does something to it. */
async function send(tamper: Tamper) {
  const [testbed, proxy] = await Promise.all([openTestbed('dh-chat'), openPath()])
  onTestFinished(() => proxy.stop())
  const folder = temporaryFolder()
  const group = ['--group', 'ffdhe2048']
  const bob = await testbed.client('bob', '--advertise', String(proxy.port), '--accept-files', folder, ...group)
  const alice = await testbed.client('alice', ...group)
  proxy.forwardTo(bob.listen)
  proxy.setTamper(tamper)
  alice.say('/chat bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, content)
  alice.say(`/send ${path}`)
  return { alice, bob, folder }
}

/** Records of the caller: the call, the offer, then chunks. */
const CHUNK = { from: 'dialler', type: RECORD.type, nth: 20 } as const

test('an altered byte is found by the checksum, and what came is thrown away', async () => {
  const { alice, bob, folder } = await send(once(CHUNK, flipBody(1_000)))
  expect(await nextFile(bob, 'failed')).toMatchObject({ code: 'bad-checksum', partial: null, integrity: false })
  expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'bad-checksum' })
  expect(readdirSync(folder)).toEqual([])
})

test('a file goes on by itself when the connection broke', async () => {
  const { alice, bob } = await send(once(CHUNK, cutBefore))
  await Promise.all([alice.next('resumed'), bob.next('resumed')])
  expect((await nextFile(bob, 'progress')).bytes).toBeGreaterThan(0)
  const { path, integrity } = await nextFile(bob, 'done')
  expect([integrity, readFileSync(path ?? '').equals(content)]).toEqual([false, true])
  await nextFile(alice, 'done')
})
