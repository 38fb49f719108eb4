import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAddress } from '@p2p-secure-chat/core/net/address'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, test } from 'vitest'
import { bot, client, onlineBot, type Printed, serve } from '../support/programs.ts'
import { nameMessage, peerHello, type Stranger, stranger } from '../support/stranger.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { ACCEPT, CALL } from '../../src/messages/conversation.ts'
import { CHUNK_BYTES, FILE_ACCEPT, FILE_CANCEL, FILE_CHUNK, FILE_OFFER, FILE_RESULT } from '../../src/messages/files.ts'

const content = randomBytes(200_000)
const sha256 = createHash('sha256').update(content).digest('hex')

test('a file arrives, and its checksum is called what it is: a check for accidents', async () => {
  const directory = (await serve()).address
  const folder = temporaryFolder()
  const bob = client(directory, 'bob', ['--accept', 'all', '--once', '--accept-files', folder], { input: '' })
  await bob.stderrShows('you accept calls')
  const path = join(temporaryFolder(), 'photo.jpg')
  writeFileSync(path, content)
  const alice = await client(directory, 'alice', ['--to', 'bob'], { input: `/send ${path}\nbye\n` }).ended()
  const { code, stdout, stderr } = await bob.ended()
  expect([alice.code, code, stdout]).toEqual([0, 0, 'alice: bye\n'])
  expect(readFileSync(join(folder, 'photo.jpg')).equals(content)).toBe(true)
  const remark = 'its SHA-256 matches, which only rules out accidents'
  expect(alice.stderr).toContain(`bob has received photo.jpg (200.0 kB)\n  ${remark}`)
  expect(stderr).toContain(`received photo.jpg (200.0 kB) from alice: ${join(folder, 'photo.jpg')}\n  ${remark}`)
})

/** Mallory, in a conversation with a bob of ours who takes all files. */
async function malloryWithBob() {
  const directory = (await serve()).address
  const folder = join(temporaryFolder(), 'deep', 'inside')
  mkdirSync(folder, { recursive: true })
  const bob = bot(directory, 'bob', ['--accept', 'all', '--accept-files', folder])
  const { listen } = await bob.until('ready')
  const mallory = await stranger(parseAddress(String(listen)))
  mallory.say(peerHello, nameMessage('mallory'), jsonMessage(CALL.type, { conversation: 'f'.repeat(32) }))
  await mallory.until(ACCEPT.type)
  return { bob, mallory, folder }
}

async function sendAs(mallory: Stranger, id: number, name: string): Promise<void> {
  mallory.say(jsonMessage(FILE_OFFER.type, { id, name, size: content.length, sha256 }))
  await mallory.until(FILE_ACCEPT.type)
  for (let offset = 0; offset < content.length; offset += CHUNK_BYTES) {
    const body = Buffer.concat([Buffer.alloc(FILE_CHUNK.headBytes), content.subarray(offset, offset + CHUNK_BYTES)])
    mallory.say(FILE_CHUNK.messageIn(body, { id, offset }))
  }
  await mallory.until(FILE_RESULT.type)
}

test('whatever mallory calls a file, it stays in its folder under a harmless name', async () => {
  const { bob, mallory, folder } = await malloryWithBob()
  const names = [
    '../../x',
    '/etc/cron.d/y',
    'C:\\z',
    '.bashrc',
    '-rf',
    'photo\u202egpj.exe',
    'a\0b',
    'NUL',
    '..',
    '\u001b[2J',
  ]
  for (const [index, name] of names.entries()) await sendAs(mallory, index + 1, name)
  for (const _ of names) await bob.until('file', { state: 'done' })
  const expected = ['x', 'y', 'z', 'bashrc', 'rf', 'photogpj.exe', 'a_b', '_NUL', 'file', '_[2J']
  expect(readdirSync(folder).toSorted()).toEqual(expected.toSorted())
  expect(readdirSync(join(folder, '..'))).toEqual(['inside'])
})

test.each([
  ['bytes of a file that nobody offered', FILE_CHUNK.messageIn(new Uint8Array(20), { id: 9, offset: 0 })],
  ['more than it said', FILE_CHUNK.messageIn(new Uint8Array(FILE_CHUNK.headBytes + 2), { id: 1, offset: 199_999 })],
  ['a single byte of many', FILE_CHUNK.messageIn(new Uint8Array(FILE_CHUNK.headBytes + 1), { id: 1, offset: 0 })],
  ['an answer to an offer that was never made', jsonMessage(FILE_ACCEPT.type, { id: 1, offset: 0 })],
])('%s ends the conversation, and leaves nothing on the disk', async (_, message) => {
  const { bob, mallory, folder } = await malloryWithBob()
  mallory.say(jsonMessage(FILE_OFFER.type, { id: 1, name: 'photo.jpg', size: content.length, sha256 }))
  await mallory.until(FILE_ACCEPT.type)
  mallory.say(message)
  expect(await mallory.error()).toBe('bad-message')
  await bob.until('closed', { code: 'bad-message' })
  await bob.until('file', { state: 'failed', code: 'bad-message' })
  expect(readdirSync(folder)).toEqual([])
})

test('a sender that vanishes leaves nothing: here nobody could tell who goes on', async () => {
  const { bob, mallory, folder } = await malloryWithBob()
  mallory.say(jsonMessage(FILE_OFFER.type, { id: 1, name: 'photo.jpg', size: content.length, sha256 }))
  await mallory.until(FILE_ACCEPT.type)
  mallory.say(FILE_CHUNK.messageIn(new Uint8Array(FILE_CHUNK.headBytes + CHUNK_BYTES), { id: 1, offset: 0 }))
  mallory.socket.destroy()
  expect(await bob.until('file', { state: 'failed' })).toMatchObject({ code: 'cut', partial: null })
  expect(readdirSync(folder)).toEqual([])
})

test('a receiver that says goodbye in the middle of a file ends it, and texts did not wait for it', async () => {
  const directory = (await serve()).address
  const folder = temporaryFolder()
  const [alice, bob] = await Promise.all([
    onlineBot(directory, 'alice'),
    onlineBot(directory, 'bob', ['--accept', 'all']),
  ])
  const path = join(folder, 'photo.jpg')
  writeFileSync(path, content)
  alice.write('/chat bob\n')
  await Promise.all([alice.until('open'), bob.until('open')])
  alice.write(`/send ${path}\nlook at this\n`)
  await bob.until('message', { text: 'look at this' })
  bob.write('/quit\n')
  expect(await bob.until('file', { state: 'failed' })).toMatchObject({ code: 'closed' })
  expect(await alice.until('file', { state: 'failed' })).toMatchObject({ code: 'closed' })
})

/** Memory that a process has now, in MiB (proc(5), VmRSS), or had at its peak (VmHWM). */
function memory(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

test('offers that are taken back at once cost a client little memory, and few files at once', async () => {
  const { bob, mallory, folder } = await malloryWithBob()
  const before = memory(bob.pid, 'VmRSS')
  let most = 0
  const churn = async () => {
    for (let id = 1; id <= 20_000; id++) {
      const offer = { id, name: 'a.bin', size: content.length, sha256: id.toString(16).padStart(64, '0') }
      await mallory.channel.send(jsonMessage(FILE_OFFER.type, offer))
      await mallory.channel.send(jsonMessage(FILE_CANCEL.type, { id, code: 'cancelled' }))
      if (id % 100 === 0) most = Math.max(most, readdirSync(folder).length)
    }
    mallory.say({ type: GOODBYE.type, body: new Uint8Array(0) })
  }
  await Promise.all([churn(), mallory.end(), bob.until('closed')])
  expect(most).toBeLessThanOrEqual(4)
  expect(memory(bob.pid, 'VmHWM') - before).toBeLessThan(96)
  bob.end()
  const { stdout } = await bob.ended()
  expect(readdirSync(folder)).toEqual([])
  const events: Printed[] = stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  const ids = (state: string) => events.flatMap(event => (event.state === state ? [Number(event.id)] : []))
  expect(ids('failed').toSorted((a, b) => a - b)).toEqual(ids('offered'))
  expect(ids('offered').length).toBeGreaterThan(0)
})
