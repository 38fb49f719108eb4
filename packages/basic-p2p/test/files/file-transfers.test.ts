import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { copyFile, link, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { TellFile } from '../../src/files/file-update.ts'
import { OFFERS_SHOWN } from '../../src/files/incoming-files.ts'
import { happenings } from '../support/events.ts'
import { fakeClock } from '../support/fake-clock.ts'
import {
  accept,
  accepted,
  cancel,
  chunk,
  codeOf,
  connection,
  content,
  inState,
  json,
  offer,
  ofType,
  result,
  sha256,
  type Side,
  side,
  acceptLatest,
  declineLatest,
  stopLatest,
} from '../support/file-side.ts'
import { failOnClose, osError } from '../support/os-error.ts'
import { FILES_AT_ONCE, WINDOW, WINDOW_CHUNKS } from '../../src/files/transfer.ts'
import {
  CHUNK_BYTES,
  FILE_ACCEPT,
  FILE_CANCEL,
  FILE_CHUNK,
  FILE_OFFER,
  FILE_PROGRESS,
  FILE_RESULT,
} from '../../src/messages/files.ts'

vi.mock('node:fs/promises', { spy: true })

/** All of a file, as a sender has to split it. */
function give(bob: Side, bytes: Uint8Array = content): void {
  bob.take(chunk(1, 0, bytes.subarray(0, CHUNK_BYTES)))
  bob.take(chunk(1, CHUNK_BYTES, bytes.subarray(CHUNK_BYTES)))
}

test('a file comes, is verified and named', async () => {
  const bob = side()
  bob.take(offer({ name: '../../photo.jpg' }))
  expect(await accepted(bob)).toBe(0)
  give(bob)
  expect(await codeOf(bob)).toBeNull()
  const { path, name } = await bob.told.next(inState('done'))
  expect([name, path]).toEqual(['photo.jpg', join(bob.folder, 'photo.jpg')])
  expect(readFileSync(path ?? '')).toEqual(content)
  expect(bob.names()).toEqual(['photo.jpg'])
})

test('an empty file needs no chunk', async () => {
  const bob = side()
  bob.take(offer({ size: 0, sha256: createHash('sha256').digest('hex') }))
  expect(await accepted(bob)).toBe(0)
  expect(await codeOf(bob)).toBeNull()
  await bob.told.next(inState('done'))
  expect(readFileSync(join(bob.folder, 'photo.jpg'))).toHaveLength(0)
})

test.each([
  ['declines', 'decline'],
  ['asks', 'ask'],
] as const)('whoever %s takes no byte before a yes', async (_, decision) => {
  const bob = side(decision)
  bob.take(offer())
  if (decision === 'ask') {
    expect(() => bob.take(chunk(1, 0, content.subarray(0, CHUNK_BYTES)))).toThrow(/not accepted/)
    declineLatest(bob)
  }
  expect(await codeOf(bob)).toBe('declined')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'declined', partial: null })
  expect(bob.names()).toEqual([])
  const { files } = bob
  for (const act of [
    () => files.accept(1),
    () => files.decline(1),
    () => files.cancel('in', 1),
    () => files.cancel('out', 1),
    () => files.accept(2),
  ]) {
    expect(act).toThrow(expect.objectContaining({ code: 'no-file' }))
  }
})

test('a file that has nowhere to go still waits for an answer, and goes there once it can', async () => {
  const bob = side('ask')
  bob.take(offer())
  rmSync(bob.folder, { recursive: true })
  writeFileSync(bob.folder, '')
  expect(() => bob.files.accept(1)).toThrow(expect.objectContaining({ code: 'unwritable' }))
  expect(bob.files.open).toMatchObject([{ id: 1, waiting: true }])
  rmSync(bob.folder)
  acceptLatest(bob)
  await accepted(bob)
  give(bob)
  expect(await bob.told.next(inState('done'))).toMatchObject({ path: join(bob.folder, 'photo.jpg') })
})

test('who leaves once files are over does not wait for an offer that nobody answered', async () => {
  const bob = side('ask')
  bob.take(offer())
  await bob.files.settled()
  acceptLatest(bob)
  let isSettled = false
  const settled = bob.files.settled().then(() => {
    isSettled = true
  })
  await accepted(bob)
  expect(isSettled).toBe(false)
  give(bob)
  await settled
})

test('an answer is about the file of that id, in whatever order they came', async () => {
  const bob = side('ask')
  bob.take(offer({ name: 'first' }))
  bob.take(offer({ id: 2, name: 'second', sha256: '0'.repeat(64) }))
  expect(bob.files.open).toMatchObject([
    { direction: 'in', id: 1, name: 'first', waiting: true },
    { direction: 'in', id: 2, name: 'second', waiting: true },
  ])
  bob.files.accept(1)
  expect(await accepted(bob)).toBe(0)
  bob.files.decline(2)
  expect(await bob.told.next(inState('failed'))).toMatchObject({ name: 'second' })
  expect(bob.files.open).toMatchObject([{ id: 1, waiting: false }])
})

test.each([
  ['an id of 0', offer({ id: 0 })],
  ['an id beyond 32 bits', offer({ id: 2 ** 32 })],
  ['half an id', offer({ id: 1.5 })],
  ['a negative size', offer({ size: -1 })],
  ['a size beyond 2^53', offer({ size: 2 ** 53 })],
  ['a size that is none', offer({ size: '1000' })],
  ['a checksum in capitals', offer({ sha256: sha256.toUpperCase() })],
  ['a short checksum', offer({ sha256: sha256.slice(1) })],
  ['no name', offer({ name: '' })],
  ['a name of 256 characters', offer({ name: 'x'.repeat(256) })],
  ['no JSON', { type: FILE_OFFER.type, body: Buffer.from('photo.jpg') }],
  ['an accepted file that was never offered', accept(1, 0)],
  ['a result for a file that was never offered', result(1, null)],
  ['progress of a file that was never offered', FILE_PROGRESS.message({ id: 1, offset: 1 })],
  ['progress of 11 bytes', { type: FILE_PROGRESS.type, body: Buffer.alloc(11) }],
  ['progress beyond 2^53', { type: FILE_PROGRESS.type, body: Buffer.alloc(12, 0xff) }],
  ['bytes of a file that was never offered', chunk(1, 0, content.subarray(0, CHUNK_BYTES))],
  ['a chunk without bytes', chunk(1, 0, Buffer.alloc(0))],
  ['the end of a file that was never offered', cancel(1)],
  ['an unknown reason', cancel(1, 'because')],
  ['an unknown result', { type: FILE_RESULT.type, body: Buffer.from('{"id":1,"code":"because"}') }],
])('%s is a bad message', (_, message) => {
  expect(() => side().take(message)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test.each([
  ['a gap', chunk(1, CHUNK_BYTES + 1, content.subarray(CHUNK_BYTES + 1))],
  ['the same bytes again', chunk(1, 0, content.subarray(0, CHUNK_BYTES))],
  ['an overlap', chunk(1, CHUNK_BYTES - 1, content.subarray(CHUNK_BYTES - 1))],
  ['one byte where a whole chunk could be', chunk(1, CHUNK_BYTES, content.subarray(0, 1))],
  ['all but one byte', chunk(1, CHUNK_BYTES, content.subarray(0, 599))],
  ['more than the size', chunk(1, CHUNK_BYTES, Buffer.alloc(601))],
  ['the same offer again', offer()],
])('%s is a bad message', async (_, message) => {
  const bob = side()
  bob.take(offer())
  await accepted(bob)
  bob.take(chunk(1, 0, content.subarray(0, CHUNK_BYTES)))
  expect(() => bob.take(message)).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('more than the window is a bad message', async () => {
  const bob = side()
  bob.take(offer({ size: 10 * WINDOW }))
  await accepted(bob)
  const bytes = Buffer.alloc(CHUNK_BYTES)
  for (let nth = 0; nth < WINDOW_CHUNKS; nth++) bob.take(chunk(1, nth * CHUNK_BYTES, bytes))
  expect(() => bob.take(chunk(1, WINDOW, bytes))).toThrow(/more of file 1 than the window allows/)
})

test('what goes on at any offset ends where a chunk ends, and not before', async () => {
  const bob = side()
  const present = content.subarray(0, 12_345)
  writeFileSync(join(bob.folder, `.p2p-secure-chat-${sha256.slice(0, 32)}.partial`), present)
  bob.take(offer())
  expect(await accepted(bob)).toBe(present.length)
  const next = (end: number) => chunk(1, present.length, content.subarray(present.length, end))
  expect(() => bob.take(next(CHUNK_BYTES - 1))).toThrow(expect.objectContaining({ code: 'bad-message' }))
  bob.take(next(CHUNK_BYTES))
  bob.take(chunk(1, CHUNK_BYTES, content.subarray(CHUNK_BYTES)))
  expect(await codeOf(bob)).toBeNull()
})

test('a fifth file at once is refused, the fifth one after the other is not', async () => {
  const bob = side('ask')
  for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(offer({ id }))
  bob.take(cancel(2))
  await bob.told.next(inState('failed'))
  bob.take(offer({ id: 5 }))
  bob.take(offer({ id: 6 }))
  expect(await codeOf(bob)).toBe('too-many')
  expect(bob.told.all.filter(inState('offered')).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5])
  expect(() => bob.take(offer({ id: 3 }))).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('ids may be left out, up to the last of 32 bits, and none comes back', async () => {
  const bob = side('decline')
  for (const id of [1, 7, 2 ** 32 - 1]) {
    bob.take(offer({ id }))
    expect(json(await bob.sent.next(ofType(FILE_RESULT.type)))).toEqual({ id, code: 'declined' })
  }
  expect(() => bob.take(offer({ id: 6 }))).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a flood of offers is answered without a word to the person', async () => {
  const bob = side('decline')
  const { burst } = OFFERS_SHOWN
  for (let id = 1; id <= burst; id++) bob.take(offer({ id }))
  await bob.told.next(({ id, state }) => id === burst && state === 'failed')
  bob.take(offer({ id: 100 }))
  expect(await bob.sent.next(({ body }) => Buffer.from(body).includes('too-many'))).toMatchObject({
    type: FILE_RESULT.type,
  })
  expect(bob.told.all.filter(inState('offered'))).toHaveLength(burst)
})

test('other bytes than were offered are thrown away on both sides of the disk', async () => {
  const bob = side()
  bob.take(offer())
  await accepted(bob)
  give(bob, randomBytes(content.length))
  expect(await codeOf(bob)).toBe('bad-checksum')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'bad-checksum', path: null, partial: null })
  expect(bob.names()).toEqual([])
})

test('a disk that takes nothing back when a file is closed ends that file, and nothing else', async () => {
  const bob = side()
  failOnClose(open, 'EDQUOT')
  bob.take(offer())
  await accepted(bob)
  bob.files.disconnect()
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'disk-full' })
})

test('the sender hears of a wrong checksum also where the disk keeps what came', async () => {
  const bob = side()
  bob.take(offer())
  await accepted(bob)
  vi.mocked(rm).mockRejectedValue(osError('EACCES'))
  onTestFinished(() => vi.mocked(rm).mockRestore())
  give(bob, randomBytes(content.length))
  expect(await codeOf(bob)).toBe('bad-checksum')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'bad-checksum', partial: null })
})

test('bytes that were under way when a file ended are let pass, a window of them', async () => {
  const bob = side()
  bob.take(offer({ size: 10 * WINDOW }))
  await accepted(bob)
  stopLatest(bob)
  expect(await codeOf(bob)).toBe('cancelled')
  await bob.told.next(inState('failed'))
  expect(bob.names()).toEqual([])
  const bytes = Buffer.alloc(CHUNK_BYTES)
  for (let nth = 0; nth < WINDOW_CHUNKS; nth++) bob.take(chunk(1, nth * CHUNK_BYTES, bytes))
  expect(() => bob.take(chunk(1, WINDOW, bytes))).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a sender that falls silent is given up, and what came is kept for another try', async () => {
  const pass = fakeClock()
  const bob = side()
  bob.take(offer())
  await accepted(bob)
  bob.take(chunk(1, 0, content.subarray(0, CHUNK_BYTES)))
  // The disk takes its own time.
  while (readdirSync(bob.folder).length === 0) await new Promise(resolve => setImmediate(resolve))
  await pass(120_001)
  expect(await codeOf(bob)).toBe('timeout')
  const { partial, code } = await bob.told.next(inState('failed'))
  expect([code, readFileSync(partial ?? '')]).toEqual(['timeout', content.subarray(0, CHUNK_BYTES)])

  bob.take(offer({ id: 2 }))
  expect(await accepted(bob)).toBe(CHUNK_BYTES)
  bob.take(chunk(2, CHUNK_BYTES, content.subarray(CHUNK_BYTES)))
  expect(await codeOf(bob)).toBeNull()
})

test('where nobody knows who would come back nothing is kept', async () => {
  const bob = side('accept', { resumable: false })
  bob.take(offer())
  await accepted(bob)
  bob.take(chunk(1, 0, content.subarray(0, CHUNK_BYTES)))
  await bob.files.end(null)
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'closed', partial: null })
  expect(bob.names()).toEqual([])
})

/** Bob, who offers a file of that many whole chunks. */
async function offering(chunks: number): Promise<Side & { path: string; bytes: Buffer }> {
  const bob = side()
  const bytes = randomBytes(chunks * CHUNK_BYTES)
  const path = join(bob.folder, 'big')
  writeFileSync(path, bytes)
  await bob.files.offer(path)
  await bob.sent.next(ofType(FILE_OFFER.type))
  return { ...bob, path, bytes }
}

const chunksIn = ({ sent }: Side) => sent.all.filter(ofType(FILE_CHUNK.type)).map(({ body }) => FILE_CHUNK.read(body))

test('a receiver that confirms nothing gets a window and no more, and is given up', async () => {
  const pass = fakeClock()
  const bob = await offering(WINDOW_CHUNKS + 2)
  bob.take(accept(1, 0))
  await bob.sent.next(
    message => message.type === FILE_CHUNK.type && FILE_CHUNK.read(message.body).offset === WINDOW - CHUNK_BYTES,
  )
  await pass(119_000)
  expect(chunksIn(bob)).toHaveLength(WINDOW_CHUNKS)
  await pass(1_001)
  expect(json(await bob.sent.next(ofType(FILE_CANCEL.type))).code).toBe('timeout')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'timeout', path: bob.path })
})

test('a receiver may confirm as seldom as the window allows, and the last bytes by its result alone', async () => {
  const bob = await offering(WINDOW_CHUNKS + 1)
  const chunkAt = (offset: number) => (message: Message) =>
    message.type === FILE_CHUNK.type && FILE_CHUNK.read(message.body).offset === offset
  bob.take(accept(1, 0))
  await bob.sent.next(chunkAt(WINDOW - CHUNK_BYTES))
  bob.take(FILE_PROGRESS.message({ id: 1, offset: CHUNK_BYTES }))
  await bob.sent.next(chunkAt(WINDOW))
  bob.take(result(1, null))
  await bob.told.next(inState('done'))
})

test('an offer that nobody answers is taken back', async () => {
  const pass = fakeClock()
  const bob = await offering(1)
  await pass(600_001)
  expect(json(await bob.sent.next(ofType(FILE_CANCEL.type))).code).toBe('no-answer')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'no-answer' })
})

test.each([
  ['progress before it accepts', [FILE_PROGRESS.message({ id: 1, offset: 1 })], 'unexpected-message'],
  ['a whole file before it accepts', [result(1, null)], 'bad-message'],
  ['more than the file', [accept(1, 2 * CHUNK_BYTES + 1)], 'bad-message'],
  ['a negative offset', [accept(1, -1)], 'bad-message'],
  ['two answers', [accept(1, 0), accept(1, 0)], 'unexpected-message'],
  [
    'progress beyond what was sent',
    [accept(1, 0), FILE_PROGRESS.message({ id: 1, offset: 2 * CHUNK_BYTES + 1 })],
    'bad-message',
  ],
  [
    'no progress at all',
    [accept(1, CHUNK_BYTES), FILE_PROGRESS.message({ id: 1, offset: CHUNK_BYTES })],
    'bad-message',
  ],
  ['a whole file before it was sent', [accept(1, 0), result(1, null)], 'bad-message'],
] as const)('a receiver that claims %s breaks the rules', async (_, messages, code) => {
  const bob = await offering(2)
  expect(() => {
    for (const message of messages) bob.take(message)
  }).toThrow(expect.objectContaining({ code }))
})

test('what is said of a file that is over is let pass', async () => {
  const bob = await offering(2)
  stopLatest(bob)
  expect(json(await bob.sent.next(ofType(FILE_CANCEL.type))).code).toBe('cancelled')
  for (const message of [accept(1, 0), FILE_PROGRESS.message({ id: 1, offset: 5 }), result(1, null)]) bob.take(message)
  expect(bob.told.all.filter(inState('done'))).toEqual([])
})

test.each([
  ['grows', (path: string) => appendFileSync(path, 'x')],
  ['shrinks', (path: string) => truncateSync(path, 1)],
])('a file that %s while it is sent fails with its reason, and never comes to its end', async (_, change) => {
  const bob = await offering(WINDOW_CHUNKS + 10)
  bob.take(accept(1, 0))
  await bob.sent.next(
    message => message.type === FILE_CHUNK.type && FILE_CHUNK.read(message.body).offset === WINDOW - CHUNK_BYTES,
  )
  change(bob.path)
  for (const part of [1, 2]) {
    bob.take(FILE_PROGRESS.message({ id: 1, offset: (WINDOW * part) / 2 }))
  }
  expect(json(await bob.sent.next(ofType(FILE_CANCEL.type))).code).toBe('file-changed')
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'file-changed' })
  expect(chunksIn(bob).length).toBeLessThan(WINDOW_CHUNKS + 10)
})

test('after a connection broke files are offered again first, and sent from where the receiver is', async () => {
  const bob = await offering(WINDOW_CHUNKS + 9)
  bob.take(accept(1, 0))
  await bob.sent.next(
    message => message.type === FILE_CHUNK.type && FILE_CHUNK.read(message.body).offset === WINDOW - CHUNK_BYTES,
  )
  bob.files.disconnect()
  await bob.files.offer(bob.path)
  await bob.told.next(({ id, state }) => id === 2 && state === 'offered')

  const again = happenings<Message>()
  bob.files.connect(connection(again))
  expect(again.all.map(({ type, body }) => [type, JSON.parse(Buffer.from(body).toString()).id])).toEqual([
    [FILE_OFFER.type, 1],
    [FILE_OFFER.type, 2],
  ])
  const offset = 12_345
  bob.take(accept(1, offset))
  const start = await again.next(ofType(FILE_CHUNK.type))
  expect(FILE_CHUNK.read(start.body).offset).toBe(offset)
  await again.next(
    message => message.type === FILE_CHUNK.type && FILE_CHUNK.read(message.body).offset >= CHUNK_BYTES * 13,
  )
  bob.take(FILE_PROGRESS.message({ id: 1, offset: CHUNK_BYTES * 12 }))
  await again.next(({ type, body }) => {
    if (type !== FILE_CHUNK.type) return false
    const last = FILE_CHUNK.read(body)
    return last.offset + last.bytes.length === bob.bytes.length
  })
  const sent = Buffer.concat(again.all.filter(ofType(FILE_CHUNK.type)).map(({ body }) => FILE_CHUNK.read(body).bytes))
  expect(sent.equals(bob.bytes.subarray(offset))).toBe(true)
  bob.take(result(1, null))
  await bob.told.next(inState('done'))
})

test('what is stopped between two connections is taken back on the next one, if the receiver has heard of it', async () => {
  const bob = await offering(1)
  bob.files.disconnect()
  stopLatest(bob)
  await bob.told.next(inState('failed'))
  await bob.files.offer(bob.path)
  await bob.told.next(({ id, state }) => id === 2 && state === 'offered')
  stopLatest(bob)
  for (const expected of [[[FILE_CANCEL.type, 1]], []]) {
    const again = happenings<Message>()
    bob.files.connect(connection(again))
    expect(again.all.map(message => [message.type, json(message).id])).toEqual(expected)
    bob.files.disconnect()
  }
})

test('a receiver goes on by itself when the file is offered again, and repeats a result that was lost', async () => {
  const bob = side('ask')
  bob.take(offer())
  acceptLatest(bob)
  await accepted(bob)
  bob.take(chunk(1, 0, content.subarray(0, CHUNK_BYTES)))
  bob.files.disconnect()
  const again = happenings<Message>()
  bob.files.connect(connection(again))
  expect(() => bob.take(chunk(1, CHUNK_BYTES, content.subarray(CHUNK_BYTES)))).toThrow(/not accepted/)
  expect(() => bob.take(offer({ size: 999 }))).toThrow(expect.objectContaining({ code: 'bad-message' }))
  bob.take(offer())
  expect(json(await again.next(ofType(FILE_ACCEPT.type))).offset).toBe(CHUNK_BYTES)
  bob.take(chunk(1, CHUNK_BYTES, content.subarray(CHUNK_BYTES)))
  await bob.told.next(inState('done'))
  bob.files.disconnect()

  const last = happenings<Message>()
  bob.files.connect(connection(last))
  bob.take(offer())
  expect(json(await last.next(ofType(FILE_RESULT.type))).code).toBeNull()
  expect(bob.names()).toEqual(['photo.jpg'])
})

test('a file that is declined before a new connection has offered it again is declined there', async () => {
  const bob = side('ask')
  bob.take(offer())
  bob.files.disconnect()
  const again = happenings<Message>()
  bob.files.connect(connection(again))
  declineLatest(bob)
  bob.take(offer())
  expect(json(await again.next(ofType(FILE_RESULT.type))).code).toBe('declined')
  expect(() => bob.take(offer())).toThrow(expect.objectContaining({ code: 'bad-message' }))
})

test('a result that the connection did not carry any more is told on the next one', async () => {
  const bob = side()
  bob.take(offer())
  await accepted(bob)
  const again = happenings<Message>()
  vi.mocked(link).mockImplementationOnce(async (from, to) => {
    bob.files.disconnect()
    bob.files.connect(connection(again))
    bob.take(offer())
    await copyFile(from, to)
  })
  give(bob)
  expect(json(await again.next(ofType(FILE_RESULT.type))).code).toBeNull()
  await bob.told.next(inState('done'))
  expect(bob.names()).toEqual(['photo.jpg'])
})

test('who stops a file while it gets its name comes too late, and hears so', async () => {
  const bob = side()
  vi.mocked(link).mockImplementationOnce(async (from, to) => {
    stopLatest(bob)
    await copyFile(from, to)
  })
  bob.take(offer())
  await accepted(bob)
  give(bob)
  expect(await codeOf(bob)).toBeNull()
  await bob.told.next(inState('done'))
  expect(bob.told.all.filter(inState('failed'))).toEqual([])
  expect(bob.names()).toEqual(['photo.jpg'])
})

test('what a new connection does not offer again is over', async () => {
  const pass = fakeClock()
  const bob = side('ask')
  bob.take(offer())
  bob.take(offer({ id: 2 }))
  bob.files.disconnect()
  bob.files.connect(connection(happenings<Message>()))
  bob.take(offer({ id: 2 }))
  bob.take(offer({ id: 3 }))
  expect(await bob.told.next(inState('failed'))).toMatchObject({ id: 1, code: 'cancelled' })
  bob.files.disconnect()
  bob.files.connect(connection(bob.sent))
  await pass(60_001)
  expect(await bob.told.next(update => update.state === 'failed' && update.id === 3)).toMatchObject({ code: 'timeout' })
  expect(bob.files.open.some(({ waiting }) => waiting)).toBe(false)
  bob.take(offer({ id: 3 }))
  expect(await codeOf(bob), 'who offers it even later is no breaker of rules').toBe('timeout')
})

test('a process that was stopped for however long gives up nothing that it had no time for', async () => {
  fakeClock()
  const bob = await offering(WINDOW_CHUNKS + 2)
  bob.take(accept(1, 0))
  bob.take(offer())
  await accepted(bob)
  await bob.files.offer(bob.path)
  // All timers that there are, at once, and only then what the other side said.
  for (const part of [0, CHUNK_BYTES]) {
    vi.runOnlyPendingTimers()
    bob.take(chunk(1, part, content.subarray(part, part + CHUNK_BYTES)))
  }
  expect(await codeOf(bob)).toBeNull()

  const carol = side()
  carol.take(offer())
  await accepted(carol)
  carol.files.disconnect()
  carol.files.connect(connection(carol.sent))
  vi.runOnlyPendingTimers()
  carol.take(offer())
  expect(await accepted(carol)).toBe(0)
  for (const { told } of [bob, carol]) expect(told.all.filter(inState('failed'))).toEqual([])
})

test.each([
  ['out', 'offered', []],
  ['out', 'progress', [FILE_OFFER.type, FILE_CANCEL.type]],
  ['in', 'offered', [FILE_RESULT.type]],
  ['in', 'progress', [FILE_ACCEPT.type, FILE_RESULT.type]],
] as const)('a file (%s) that its person stops the moment they see it %s is over', async (direction, state, types) => {
  const defects = vi.spyOn(process, 'emitWarning')
  onTestFinished(() => defects.mockRestore())
  const output: TellFile = update => {
    if (update.state === state) bob.files.cancel(direction, update.id)
  }
  const bob: Side = side('accept', { output })
  const path = join(bob.folder, 'mine')
  writeFileSync(path, content)
  if (direction === 'in') bob.take(offer())
  else await bob.files.offer(path)
  if (direction === 'out' && state === 'progress') bob.take(accept(1, 0))
  expect(await bob.told.next(inState('failed'))).toMatchObject({ direction, code: 'cancelled', partial: null })
  await bob.files.settled()
  expect(bob.sent.all.map(({ type }) => type)).toEqual(types)
  expect(bob.names()).toEqual(['mine'])
  expect(defects).not.toHaveBeenCalled()
})

test('the end of a conversation ends its files on both sides', async () => {
  const bob = await offering(2)
  bob.take(offer())
  await accepted(bob)
  await bob.files.end(null)
  const failed = bob.told.all.filter(inState('failed'))
  expect(failed.map(({ direction, code }) => `${direction} ${code}`).toSorted()).toEqual(['in closed', 'out closed'])
  await bob.files.settled()
  await expect(bob.files.offer(bob.path)).rejects.toMatchObject({ code: 'closed' })
})
