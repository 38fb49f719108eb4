import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, onTestFinished, test } from 'vitest'
import { valve } from '../../../stage/src/tampering.ts'
import { openPath } from '../../../stage/src/path.ts'
import { binPath } from '../../../core/test/support/process.ts'
import { haveRead, openScreen } from '../../../core/test/support/screen/screen.ts'
import { openTestbed, temporaryFolder } from '../../../dh-chat/test/support/chat-testbed.ts'
import { identityFor } from '../../../dh-chat/test/support/identity-for.ts'

const lastRow = (text: string) => (rows: readonly string[]) => rows.at(-1) === text

/** What changes from run to run becomes the same every time: the bar and its numbers, folders. */
function masked(rows: readonly string[], folder: string): string {
  const text = rows.join('\n').replaceAll(folder, '/home/alice')
  return `${text.replaceAll(/\[#+\.+\] .* left$/gm, '[#########...........]  48%  12.3 MB/s  0:01 left')}\n`
}

test('a file comes to a person: the offer, the bar above the line being typed, the end', async () => {
  const [testbed, proxy] = await Promise.all([openTestbed('aes-chat'), openPath()])
  onTestFinished(() => proxy.stop())
  const bob = await testbed.client('bob', '--advertise', String(proxy.port))
  proxy.forwardTo(bob.listen)
  const hold = valve({ from: 'listener', type: RECORD.type, nth: 50 })
  proxy.setTamper(hold.tamper)
  const folder = temporaryFolder()
  await identityFor(testbed.home, 'alice')
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), '--name', 'alice', '--directory', testbed.directory, '--home', testbed.home],
    cols: 100,
    rows: 60,
    cwd: folder,
  })
  onTestFinished(() => alice.kill())
  await alice.until(lastRow('alice>'))
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  const since = () => alice.lines().slice(alice.lines().findIndex(row => row.includes('bob offers')))

  const content = randomBytes(6_000_000)
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, content)
  bob.say('/switch alice')
  bob.say(`/send ${path}`)
  await alice.until('/accept bob 1 or /decline bob 1')
  await haveRead()
  alice.type('/accept bob\r')
  await alice.until(rows =>
    rows.some(row => /^file photo\.jpg from bob \[#+\.+\] {2}\d\d% {2}.*MB\/s .* left$/.test(row)),
  )
  alice.type('how bea')
  await alice.until(
    rows =>
      rows.some(row => /^file photo\.jpg from bob .* [45]\d% /.test(row)) && rows.at(-1)?.endsWith('bea') === true,
  )
  const during = masked(since(), folder)

  hold.open()
  await alice.until('its SHA-256 was verified')
  await alice.until(rows => !rows.some(row => row.includes('[#')))
  alice.type('utiful\r')
  expect((await bob.next('message')).text).toBe('how beautiful')
  await alice.until(lastRow('alice to bob (new)>'))
  const after = masked(since(), folder)
  expect(readFileSync(join(folder, 'photo.jpg')).equals(content)).toBe(true)
  await expect(`${during}\n  ...\n\n${after}`).toMatchFileSnapshot('../screens/file-transfer.txt')
})

test('in a git work tree a file goes to Downloads, and waits while it cannot go there', async () => {
  const testbed = await openTestbed('aes-chat')
  const [user, cwd] = [temporaryFolder(), temporaryFolder()]
  const downloads = join(user, 'Downloads')
  mkdirSync(join(cwd, '.git'))
  writeFileSync(downloads, '')
  await identityFor(testbed.home, 'alice')
  const bob = await testbed.client('bob')
  const alice = openScreen({
    command: process.execPath,
    args: [binPath('chat-client'), '--name', 'alice', '--directory', testbed.directory, '--home', testbed.home],
    cols: 160,
    cwd,
    env: { HOME: user },
  })
  onTestFinished(() => alice.kill())
  await alice.until(lastRow('alice>'))
  alice.type('/chat bob\r')
  await alice.until(lastRow('alice to bob (new)>'))
  const path = join(temporaryFolder(), 'note.txt')
  writeFileSync(path, 'to be downloaded')
  bob.say('/switch alice')
  bob.say(`/send ${path}`)
  await alice.until('/accept bob 1 or /decline bob 1')
  await haveRead()
  alice.type('/accept bob 1\r')
  await alice.until(`cannot write ${downloads}: a part of the path is not a folder (unwritable)`)
  rmSync(downloads)
  alice.type('/accept bob 1\r')
  await alice.until(join(downloads, 'note.txt'))
  await alice.until('its SHA-256 was verified')
  expect(readFileSync(join(downloads, 'note.txt'), 'utf8')).toBe('to be downloaded')
  expect(readdirSync(cwd)).toEqual(['.git'])
})
