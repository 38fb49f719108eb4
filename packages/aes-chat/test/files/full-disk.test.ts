import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apart, hasMounts } from '../../../core/test/support/mounts.ts'
import { openTestbed, temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { nextFile } from '../../../dh-chat/test/support/file-events.ts'

const MIB = 2 ** 20

test.skipIf(!hasMounts())('a full disk ends a file on both sides, and nothing else', async () => {
  const testbed = await openTestbed('aes-chat')
  const disk = join(temporaryFolder(), 'disk')
  mkdirSync(disk)
  // The program sees a small disk where others see a folder.
  const script = `mount -t tmpfs -o size=18m tmpfs "$0" && cd "$0" && exec "$@"`
  const bob = await testbed.clientWithin([...apart, script, disk], 'bob')
  const alice = await testbed.client('alice')
  alice.say('/chat bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  const folder = temporaryFolder()
  const send = async (name: string, size: number) => {
    const path = join(folder, name)
    writeFileSync(path, randomBytes(size))
    alice.say(`/send ${path}`)
    await nextFile(bob, 'offered', event => event.name === name)
  }

  await send('too-large', 32 * MIB)
  bob.say('/accept alice')
  expect(await nextFile(bob, 'failed')).toMatchObject({ code: 'disk-full', bytes: 0, partial: null })
  expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'disk-full', bytes: 0 })

  // Each of them fits, and both do not.
  await send('first', 12 * MIB)
  await send('second', 12 * MIB)
  bob.say('/accept alice 2')
  bob.say('/accept alice 3')
  const { name, partial } = await nextFile(bob, 'failed', ({ code }) => code === 'disk-full')
  expect(partial).toMatch(/\.partial$/)
  await nextFile(alice, 'failed', event => event.name === name && event.code === 'disk-full')
  alice.say('still here')
  expect((await bob.next('message')).text).toBe('still here')
})
