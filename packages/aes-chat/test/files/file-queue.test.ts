import { randomBytes } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { binPath } from '../../../core/test/support/process.ts'
import { openScreen } from '../../../core/test/support/screen/screen.ts'
import { openTestbed, temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { nextFile } from '../../../dh-chat/test/support/file-events.ts'
import { identityFor } from '../../../dh-chat/test/support/identity-for.ts'

/** So many files to send. */
function someFiles(count: number, bytes = 1_000): string[] {
  const folder = temporaryFolder()
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `file${index + 1}`)
    writeFileSync(path, randomBytes(bytes))
    return path
  })
}

const lines = (paths: readonly string[]) => paths.map(path => `/send ${path}\n`).join('')

test.each([
  ['six files', 6, 3_000_000],
  ['two hundred', 200, 1_000],
])('a pipe sends %s, one line each, and ends when the last one has arrived', async (_, count, bytes) => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const bob = await testbed.client('bob', '--accept-files', folder)
  const input = `${lines(someFiles(count, bytes))}that is all\n`
  const alice = await testbed.pipe('alice', ['--to', 'bob'], { input }).ended()
  expect(alice).toMatchObject({ code: 0, stdout: '' })
  expect(readdirSync(folder)).toHaveLength(count)
  expect((await bob.next('message')).text).toBe('that is all')
})

test('the end of the conversation ends what waits, and the exit code says so', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = testbed.pipe('alice', ['--to', 'bob'], { input: `${lines(someFiles(6))}that is all\n` })
  await bob.next('message')
  bob.say('/switch alice')
  bob.say('/leave')
  const { code, stderr } = await alice.ended()
  expect(code).toBe(1)
  for (let nth = 1; nth <= 6; nth++) {
    expect(stderr).toMatch(new RegExp(`^file file${nth} \\(1\\.0 kB\\) to bob: .* \\(closed\\)$`, 'm'))
  }
})

test('/cancel takes the latest one back, though it waits; and every file ends in one event', async () => {
  const testbed = await openTestbed('aes-chat')
  const bob = await testbed.client('bob')
  const alice = await testbed.client('alice', '--to', 'bob')
  await Promise.all([alice.next('open'), bob.next('open')])
  const paths = someFiles(7)
  for (const path of paths) alice.say(`/send ${path}`)
  alice.say('/send /nowhere/at/all')
  expect(await alice.next('error')).toMatchObject({ code: 'unreadable' })
  alice.say('/cancel bob')
  expect(await alice.next('error')).toMatchObject({ code: 'ambiguous' })
  alice.say('/cancel bob 7')
  alice.say('/cancel 6')
  for (const nth of [7, 6]) {
    expect(await nextFile(alice, 'failed')).toMatchObject({
      id: nth,
      code: 'cancelled',
      path: paths[nth - 1],
      bytes: 0,
    })
  }
  for (let nth = 0; nth < 4; nth++) await nextFile(bob, 'offered')
  bob.say('/decline alice 4')
  expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'declined' })
  await nextFile(bob, 'offered', ({ name }) => name === 'file5')
  for (const id of [1, 2, 3, 5]) bob.say(`/decline alice ${id}`)
  for (let nth = 0; nth < 4; nth++) expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'declined' })
  await bob.finish()
  const ended = alice.events.flatMap(event => (event.event === 'file' && event.state === 'failed' ? [event.id] : []))
  expect(ended.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(await alice.finish()).toBe(1)
})

test('a person sees that a file waits', async () => {
  const testbed = await openTestbed('aes-chat')
  await identityFor(testbed.home, 'alice')
  const bob = await testbed.client('bob')
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), '--name', 'alice', '--directory', testbed.directory, '--home', testbed.home],
    cols: 100,
    rows: 60,
  })
  onTestFinished(() => alice.kill())
  await alice.until('/help lists all commands')
  alice.type('/chat bob\r')
  await Promise.all([alice.until('alice to bob (new)>'), bob.next('open')])
  for (const path of someFiles(5)) alice.type(`/send ${path}\r`)
  await alice.until('file5 waits for its turn as file 5: 4 files go at once')
  expect(alice.lines().filter(row => row.includes('waits for its turn'))).toHaveLength(1)
  expect(await bob.next('file')).toMatchObject({ state: 'offered', id: 1 })
  bob.say('/decline alice 1')
  await alice.until('offering file 5, file5 (1.0 kB), to bob')
})
