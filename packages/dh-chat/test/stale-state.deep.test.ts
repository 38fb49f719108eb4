import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestbed } from './support/chat-testbed.ts'

/** What a crash of any version leaves beside the files of a name. */
const LEFT = ['known_peers', 'blocked', 'settings', 'history', 'log'].flatMap(file => [`${file}.new`, `${file}.lock`])

test('what a crash left keeps nobody from a first contact; what is in the way is named, with what to do', async () => {
  const testbed = await openTestbed('dh-chat')
  const bob = await testbed.client('bob')
  const folder = join(testbed.home, 'alice')
  mkdirSync(folder, { mode: 0o700 })
  for (const file of LEFT) {
    writeFileSync(join(folder, file), '')
    utimesSync(join(folder, file), 1e9, 1e9)
  }
  const draft = join(folder, 'known_peers.new')
  rmSync(draft)
  mkdirSync(draft)
  const said = { message: expect.stringContaining(draft), hint: `move ${draft} away, then try again` }

  const json = testbed.start('alice', '--to', 'bob')
  expect(await json.next('closed')).toMatchObject({ code: 'unwritable', ...said })
  expect(await json.finish()).toBe(1)
  const { code, stderr } = await testbed.pipe('alice', ['--to', 'bob'], { input: 'hello\n' }).ended()
  expect(code).toBe(1)
  expect(stderr).toMatch(/^conversation with bob: .*known_peers\.new.* \(unwritable\)\n {2}move .* away/m)

  rmSync(draft, { recursive: true })
  const mended = testbed.start('alice', '--to', 'bob')
  mended.say('hello')
  expect(await bob.next('message')).toMatchObject({ text: 'hello' })
  expect(await mended.finish()).toBe(0)
  expect(readdirSync(folder)).toContain('known_peers')
})
