import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, onTestFinished, test } from 'vitest'
import { cutBefore, once, valve } from '../../../stage/src/tampering.ts'
import { openPath } from '../../../stage/src/path.ts'
import { type Chatter, openTestbed, temporaryFolder, type Testbed } from '../../../dh-chat/test/support/chat-testbed.ts'
import { nextFile } from '../../../dh-chat/test/support/file-events.ts'

const content = randomBytes(6_000_000)
const sha256 = createHash('sha256').update(content).digest('hex')

/** A file to send, in a folder of its own. */
function photo(bytes: Uint8Array = content, name = 'photo.jpg'): string {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, bytes)
  return path
}

async function call(caller: Chatter, callee: Chatter, name: string): Promise<void> {
  caller.say(`/chat ${name}`)
  await Promise.all([caller.next('open'), callee.next('open')])
}

test('files go both ways, each after a yes, into the current folder', async () => {
  const testbed = await openTestbed('aes-chat')
  const folders = [temporaryFolder(), temporaryFolder()] as const
  const [alice, bob] = await Promise.all([testbed.clientIn(folders[0], 'alice'), testbed.clientIn(folders[1], 'bob')])
  await call(alice, bob, 'bob')
  const path = photo()
  for (const [from, to, sender, folder] of [
    [alice, bob, 'alice', folders[1]],
    [bob, alice, 'bob', folders[0]],
  ] as const) {
    if (sender === 'bob') from.say('/switch alice')
    from.say(`/send ${path}`)
    expect(await nextFile(from, 'offered')).toMatchObject({ direction: 'out', size: content.length, sha256, path })
    expect(await nextFile(to, 'offered')).toMatchObject({ direction: 'in', name: 'photo.jpg', sha256, asks: true })
    expect(readdirSync(folder)).toEqual([])
    to.say(`/accept ${sender}`)
    const done = await nextFile(to, 'done')
    expect(done).toMatchObject({ peer: sender, bytes: content.length, path: join(folder, 'photo.jpg') })
    expect(readFileSync(join(folder, 'photo.jpg')).equals(content)).toBe(true)
    expect(readdirSync(folder)).toEqual(['photo.jpg'])
    expect(await nextFile(from, 'done')).toMatchObject({ direction: 'out', bytes: content.length, integrity: true })
  }
  expect([await alice.finish(), await bob.finish()]).toEqual([0, 0])
})

test('--accept-files takes all, and overwrites nothing', async () => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const bob = await testbed.client('bob', '--accept-files', folder)
  const alice = await testbed.client('alice')
  await call(alice, bob, 'bob')
  for (const [text, name] of [
    ['one', 'note.txt'],
    ['two', 'note (2).txt'],
  ] as const) {
    alice.say(`/send ${photo(Buffer.from(text), 'note.txt')}`)
    expect(await nextFile(bob, 'done')).toMatchObject({ path: join(folder, name), asks: false })
    expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
    await nextFile(alice, 'done')
  }
})

test('a file is declined, cancelled by either side, and both sides say so', async () => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const bob = await openBehindProxy(testbed)
  const alice = await testbed.client('alice')
  const hold = valve({ from: 'dialler', type: RECORD.type, nth: 20 })
  bob.proxy.setTamper(hold.tamper)
  await call(alice, bob.chatter, 'bob')
  alice.say(`/send ${photo()}`)
  await nextFile(bob.chatter, 'offered')
  bob.chatter.say('/decline')
  for (const side of [alice, bob.chatter]) expect(await nextFile(side, 'failed')).toMatchObject({ code: 'declined' })

  for (const canceller of [alice, bob.chatter]) {
    alice.say(`/send ${photo()}`)
    await nextFile(bob.chatter, 'offered')
    if (canceller === alice) {
      alice.say('/cancel bob')
    } else {
      bob.chatter.say('/accept')
      await nextFile(alice, 'progress')
      bob.chatter.say('/cancel')
    }
    if (canceller === bob.chatter) hold.open()
    for (const side of [alice, bob.chatter]) expect(await nextFile(side, 'failed')).toMatchObject({ code: 'cancelled' })
  }
  expect(readdirSync(folder)).toEqual([])
  for (const line of ['/cancel', '/accept', '/decline', '/cancel mallory', '/send', '/send /nowhere/photo.jpg']) {
    alice.say(line)
    const { code } = await alice.next('error')
    expect([line, ['no-file', 'no-conversation', 'usage', 'unreadable'].includes(code)]).toEqual([line, true])
  }
  alice.say('still here')
  expect((await bob.chatter.next('message')).text).toBe('still here')
})

/** Bob, whose calls come by way of somebody on the path. */
async function openBehindProxy(testbed: Testbed, ...args: readonly string[]) {
  const proxy = await openPath()
  onTestFinished(() => proxy.stop())
  const chatter = await testbed.client('bob', '--advertise', String(proxy.port), ...args)
  proxy.forwardTo(chatter.listen)
  return { chatter, proxy }
}

test('a file goes on by itself when the connection broke, and texts with it', async () => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const { chatter: bob, proxy } = await openBehindProxy(testbed, '--accept-files', folder)
  const alice = await testbed.client('alice')
  proxy.setTamper(once({ from: 'dialler', type: RECORD.type, nth: 50 }, cutBefore))
  await call(alice, bob, 'bob')
  alice.say(`/send ${photo()}`)
  await Promise.all([alice.next('resumed'), bob.next('resumed')])
  const again = await nextFile(bob, 'progress')
  expect(again.bytes, 'it goes on from what was there').toBeGreaterThan(1_000_000)
  const { path } = await nextFile(bob, 'done')
  expect(readFileSync(path ?? '').equals(content)).toBe(true)
  await nextFile(alice, 'done')
  const sent = proxy.passed.filter(({ from, type }) => from === 'dialler' && type === RECORD.type)
  const bytes = sent.reduce((sum, { body }) => sum + body.length, 0)
  expect(bytes, 'what was there is not sent again').toBeLessThan(content.length + 3_000_000)
  expect(readdirSync(folder)).toEqual(['photo.jpg'])
  alice.say('done?')
  expect((await bob.next('message')).text).toBe('done?')
})

test('a file goes on when the receiver was killed and comes back', async () => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const { chatter: bob, proxy } = await openBehindProxy(testbed, '--accept-files', folder)
  const alice = await testbed.client('alice')
  const hold = valve({ from: 'dialler', type: RECORD.type, nth: 60 })
  proxy.setTamper(hold.tamper)
  await call(alice, bob, 'bob')
  const path = photo()
  alice.say(`/send ${path}`)
  await nextFile(alice, 'progress', ({ bytes }) => bytes > 1_000_000)
  bob.kill('SIGKILL')
  await alice.next('interrupted')
  alice.say('/leave')
  expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'closed', path })
  const [partial = ''] = readdirSync(folder)
  expect(partial).toMatch(/^\.p2p-secure-chat-[0-9a-f]{32}\.[0-9a-f-]+\.partial$/)
  const { length } = readFileSync(join(folder, partial))

  const reborn = await testbed.client('bob', '--accept-files', folder)
  await call(alice, reborn, 'bob')
  alice.say(`/send ${path}`)
  expect((await nextFile(reborn, 'progress')).bytes).toBe(length)
  const done = await nextFile(reborn, 'done')
  expect(readFileSync(done.path ?? '').equals(content)).toBe(true)
  expect(readdirSync(folder)).toEqual(['photo.jpg'])
})

test.each(['/quit', '/leave'])(
  '%s during a transfer tells what is lost, and where what came is kept',
  async command => {
    const testbed = await openTestbed('aes-chat')
    const folder = temporaryFolder()
    const { chatter: bob, proxy } = await openBehindProxy(testbed, '--accept-files', folder)
    const alice = await testbed.client('alice')
    const hold = valve({ from: 'dialler', type: RECORD.type, nth: 60 })
    proxy.setTamper(hold.tamper)
    await call(alice, bob, 'bob')
    alice.say(`/send ${photo()}`)
    await nextFile(alice, 'progress', ({ bytes }) => bytes > 1_000_000)
    alice.say(command)
    expect(await nextFile(alice, 'failed')).toMatchObject({ code: 'closed', message: 'you left before it was done' })
    hold.open()
    const { code, partial } = await nextFile(bob, 'failed')
    expect([code, existsSync(partial ?? '')]).toEqual(['closed', true])
    expect(await alice.finish()).toBe(1)
  },
)

test('in a pipe the exit code tells whether the file arrived', async () => {
  const testbed = await openTestbed('aes-chat')
  const folder = temporaryFolder()
  const bob = await testbed.client('bob', '--accept-files', folder)
  const input = `/send ${photo()}\nbye\n`
  const sent = await testbed.pipe('alice', ['--to', 'bob'], { input }).ended()
  expect([sent.code, sent.stderr]).toEqual([
    0,
    expect.stringContaining('bob has received photo.jpg (6.0 MB)\n  its SHA-256 was'),
  ])
  expect((await nextFile(bob, 'done')).path).toBe(join(folder, 'photo.jpg'))
  await bob.finish()

  const carol = testbed.pipe('carol', ['--accept', 'all', '--once'], { input: '' })
  await carol.stderrShows('you accept calls')
  const declined = await testbed.pipe('alice', ['--to', 'carol'], { input }).ended()
  expect([declined.code, declined.stderr]).toEqual([
    1,
    expect.stringContaining('file photo.jpg (6.0 MB) to carol: the other side declined it (declined)'),
  ])
  const heard = await carol.ended()
  expect([heard.code, heard.stdout]).toEqual([0, 'alice: bye\n'])
  expect(heard.stderr).toContain('file photo.jpg (6.0 MB) from alice: files are not accepted here (declined)')

  const missing = await testbed.pipe('alice', ['--to', 'carol'], { input: '/send x\n' }).ended()
  expect(missing.code).toBe(1)
})

test('a folder that is none is refused before anybody is called', async () => {
  const testbed = await openTestbed('aes-chat')
  const { code, stderr } = await testbed.pipe('alice', ['--accept-files', '/nowhere/at/all'], { input: '' }).ended()
  expect([code, stderr]).toEqual([1, expect.stringMatching(/error: .*\/nowhere\/at\/all.* \(unwritable\)\n.+\n$/)])
})
