import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestbed, temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { nextFile } from '../../../dh-chat/test/support/file-events.ts'

/** Bytes of the file: what grows with it shows at this size; `npm run benchmark -- file` sends a whole GiB. */
const SIZE = 256 * 2 ** 20

/**
 * What each of the two programs may need at its peak, in bytes, whatever the size of the file: 75 MiB for an idle client,
 * and 30 to 65 MiB of dead buffers that V8 has not collected yet, of which Node 20 makes at least one for each record.
 */
const MEMORY_LIMIT = 160 * 2 ** 20

/** The most memory that a process ever had (proc(5), VmHWM), in bytes. */
function peakMemory(pid: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1_024
}

test('a large file needs little memory on either side, and texts do not wait for its end', async () => {
  const testbed = await openTestbed('aes-chat')
  const path = join(temporaryFolder(), 'large')
  writeFileSync(path, '')
  truncateSync(path, SIZE)
  const bob = await testbed.client('bob', '--accept-files', temporaryFolder())
  const alice = await testbed.client('alice')
  alice.say('/chat bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  alice.say(`/send ${path}`)
  await nextFile(bob, 'progress', ({ bytes }) => bytes > 0)
  alice.say('are you there?')
  for (;;) {
    const event = await bob.next('message', 'file')
    if (event.event === 'message') break
    expect(event.state, 'the text comes before the end of the file').toBe('progress')
  }
  bob.say('/json {"to":"alice","text":"yes"}')
  await alice.next('message')
  for (;;) {
    const event = await alice.next('message', 'file')
    if (event.event === 'message' && event.direction === 'in') break
    expect(event, 'the same in the other direction').not.toMatchObject({ state: 'done' })
  }
  const done = await nextFile(bob, 'done')
  await nextFile(alice, 'done')
  expect(statSync(done.path ?? '').size).toBe(SIZE)
  for (const side of [alice, bob]) expect(peakMemory(side.pid)).toBeLessThanOrEqual(MEMORY_LIMIT)
})
