import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { FilePolicy } from '../../src/files/file-transfers.ts'
import { OFFERS_WASTED } from '../../src/files/incoming-files.ts'
import { PARTIALS_OPEN } from '../../src/files/partial-file.ts'
import { fakeClock } from '../support/fake-clock.ts'
import {
  accepted,
  afterDisk,
  cancel,
  chunk,
  codeOf,
  expectOneEndEach,
  inState,
  json,
  offer,
  ofType,
  type Side,
  side,
  acceptLatest,
  stopLatest,
} from '../support/file-side.ts'
import { holdDisk } from '../support/os-error.ts'
import { FILES_AT_ONCE, WINDOW_CHUNKS } from '../../src/files/transfer.ts'
import { CHUNK_BYTES, FILE_PROGRESS, FILE_RESULT } from '../../src/messages/files.ts'
import { polling } from '../../../core/test/support/patience.ts'

vi.mock('node:fs/promises', { spy: true })

/** A large file of its own content, which never comes. */
const nthOffer = (id: number) => offer({ id, size: 10_000_000, sha256: id.toString(16).padStart(8, '0').repeat(8) })
const emptyOffer = (id: number) => offer({ id, size: 0, sha256: createHash('sha256').digest('hex') })

const offeredIds = ({ told }: Side) => told.all.filter(inState('offered')).map(({ id }) => id)
const refusedIds = ({ sent }: Side) =>
  sent.all
    .filter(ofType(FILE_RESULT.type))
    .map(json)
    .flatMap(({ id, code }) => (code === 'too-many' ? [id] : []))

/** Gives a side a connection on which the test answers what it says at once. */
function answerAtOnce({ files }: Side, answer: (message: Message) => void): void {
  files.disconnect()
  files.connect(async message => answer(message))
}

test('a file that its sender ended has its place until the disk has done with it', async () => {
  const bob = side()
  vi.mocked(open).mockClear()
  const release = holdDisk(open)
  onTestFinished(release)
  for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(nthOffer(id))
  await vi.waitFor(() => expect(open).toHaveBeenCalledTimes(FILES_AT_ONCE), polling())
  for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(cancel(id))
  for (let id = FILES_AT_ONCE + 1; id <= 50; id++) {
    bob.take(nthOffer(id))
    bob.take(cancel(id))
  }
  await nextTurn()
  expect(offeredIds(bob)).toEqual([1, 2, 3, 4])
  expect(refusedIds(bob)).toEqual(Array.from({ length: 46 }, (_, index) => index + 5))
  release()
  for (let nth = 0; nth < FILES_AT_ONCE; nth++) await bob.told.next(inState('failed'))
  expect(bob.names()).toEqual([])
  expectOneEndEach(bob.told.all)
  bob.take(nthOffer(51))
  expect(await accepted(bob)).toBe(0)
})

test('nothing is opened for a file that its sender takes back at once', async () => {
  const bob = side()
  vi.mocked(open).mockClear()
  for (let id = 1; id <= FILES_AT_ONCE; id++) {
    bob.take(nthOffer(id))
    bob.take(cancel(id))
  }
  await bob.files.settled()
  expectOneEndEach(bob.told.all)
  expect(open).not.toHaveBeenCalled()
})

test('a file that its sender stops while it gets its name keeps its place until it has it', async () => {
  const bob = side()
  const { link, copyFile } = await import('node:fs/promises')
  vi.mocked(link).mockImplementationOnce(async (from, to) => {
    bob.take(cancel(1))
    for (let id = 2; id <= FILES_AT_ONCE + 1; id++) bob.take(nthOffer(id))
    await copyFile(from, to)
  })
  bob.take(emptyOffer(1))
  await bob.told.next(inState('done'))
  expect([offeredIds(bob), refusedIds(bob)]).toEqual([[1, 2, 3, 4], [5]])
})

test.each([
  ['has a file', () => {}, null],
  ['stops it', stopLatest, 'cancelled'],
] as const)('a sender that hears that the receiver %s may offer the next one at once', async (_, act, code) => {
  const bob = side('accept', { resumable: false })
  let id = 0
  const namesThen: string[][] = []
  const offerNext = () => bob.take(code === null ? emptyOffer((id += 1)) : nthOffer((id += 1)))
  const done = new Promise<void>(resolve => {
    answerAtOnce(bob, message => {
      // It stops the latest one.
      if (message.type !== FILE_RESULT.type) return json(message).id === id ? act(bob) : undefined
      expect(json(message)).toMatchObject({ code })
      namesThen.push(bob.names().filter(name => name.endsWith('.partial')))
      if (id < 40) offerNext()
      else resolve()
    })
  })
  for (let nth = 0; nth < FILES_AT_ONCE; nth++) offerNext()
  await done
  // The others are under way meanwhile, and this one is over.
  expect(Math.max(...namesThen.map(({ length }) => length))).toBeLessThan(FILES_AT_ONCE)
})

test.each(['accept', 'ask', 'decline'] as const)(
  'a hundred thousand offers that are taken back at once: %s',
  async decision => {
    fakeClock()
    const bob = side(decision)
    let most = 0
    let refused = 0
    answerAtOnce(bob, message => {
      if (json(message).code === 'too-many') refused += 1
    })
    for (let id = 1; id <= 100_000; id++) {
      await bob.files.take(nthOffer(id))
      await bob.files.take(cancel(id))
      if (id % 100 === 0) {
        await nextTurn()
        most = Math.max(most, bob.names().length)
      }
    }
    await bob.files.settled()
    expect(most).toBeLessThanOrEqual(FILES_AT_ONCE)
    expect(bob.names()).toEqual([])
    const offered = offeredIds(bob).length
    expect(offered).toBeLessThan(OFFERS_WASTED.burst + FILES_AT_ONCE)
    expect(offered + refused).toBe(100_000)
    expectOneEndEach(bob.told.all)
  },
)

test('everything else has its turn between two offers that are refused', async () => {
  const bob = side()
  for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(nthOffer(id))
  let turns = 0
  const others = (async () => {
    for (; turns < 1_000; turns++) await nextTurn()
  })()
  for (let id = FILES_AT_ONCE + 1; id <= 100; id++) await bob.files.take(nthOffer(id))
  expect(turns).toBeGreaterThan(90)
  await others
})

test('a peer that has wasted offers is heard again a moment later', async () => {
  const pass = fakeClock()
  const bob = side()
  let id = 0
  while (refusedIds(bob).length === 0) {
    id += 1
    await bob.files.take(nthOffer(id))
    await bob.files.take(cancel(id))
    await bob.files.settled()
  }
  expect(id).toBe(OFFERS_WASTED.burst + 1)
  await pass(OFFERS_WASTED.interval)
  bob.take(nthOffer(id + 1))
  expect(offeredIds(bob)).toHaveLength(OFFERS_WASTED.burst + 1)
})

test('files that arrive are not counted, however many there are', async () => {
  fakeClock()
  const bob = side('accept', { resumable: false })
  for (let id = 1; id <= 3 * OFFERS_WASTED.burst; id++) {
    bob.take(emptyOffer(id))
    expect(await codeOf(bob)).toBeNull()
  }
})

test('all conversations together receive so many files, and not one more', async () => {
  const bobs = Array.from({ length: PARTIALS_OPEN / FILES_AT_ONCE }, () => side())
  for (const bob of bobs) {
    for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(nthOffer(id))
  }
  const [late, asked] = [side(), side('ask')]
  late.take(nthOffer(1))
  expect(await codeOf(late)).toBe('too-many')
  expect(late.told.all).toEqual([])
  asked.take(nthOffer(1))
  expect(() => acceptLatest(asked)).toThrow(expect.objectContaining({ code: 'too-many' }))

  bobs[0]?.files.cancel('in', FILES_AT_ONCE)
  await bobs[0]?.told.next(inState('failed'))
  acceptLatest(asked)
  expect(await accepted(asked)).toBe(0)
})

test('an interrupted conversation leaves its places to others', async () => {
  const bobs = Array.from({ length: PARTIALS_OPEN / FILES_AT_ONCE }, () => side())
  for (const bob of bobs) {
    for (let id = 1; id <= FILES_AT_ONCE; id++) bob.take(nthOffer(id))
    for (let id = 1; id <= FILES_AT_ONCE; id++) await accepted(bob)
  }
  for (const bob of bobs) bob.files.disconnect()
  const late = side()
  await vi.waitFor(() => {
    late.files.disconnect()
    late.files.connect(message => Promise.resolve(late.sent.add(message)))
    const id = late.sent.all.length + 1
    late.take(nthOffer(id))
    expect(offeredIds(late)).toEqual([1])
  })
})

/** An output that takes what it is told when the test says so. */
function slowOutput() {
  let waiting: (() => void)[] = []
  let flows = false
  return {
    output: () => (flows ? undefined : new Promise<void>(resolve => waiting.push(resolve))),
    flow() {
      flows = true
      for (const resolve of waiting) resolve()
    },
    async takeAll() {
      for (const resolve of waiting) resolve()
      waiting = []
      await nextTurn()
    },
  }
}

const isSettled = async (promise: Promise<void> | void) =>
  Promise.race([Promise.resolve(promise).then(() => true), nextTurn(false)])

test.each<FilePolicy['decision']>(['accept', 'ask', 'decline'])(
  'who does not read what happens is offered nothing more: %s',
  async decision => {
    const { output, takeAll, flow } = slowOutput()
    const bob = side(decision, { output })
    const taken = bob.files.take(nthOffer(1))
    expect(await isSettled(taken)).toBe(false)
    await takeAll()
    expect(await isSettled(taken)).toBe(true)
    flow()
  },
)

test('of the progress of a file a slow output hears the latest alone', async () => {
  const pass = fakeClock()
  const { output, takeAll, flow } = slowOutput()
  const bob = side('accept', { output })
  bob.take(nthOffer(1))
  await accepted(bob)
  const progress = () => bob.told.all.filter(inState('progress')).map(({ bytes }) => bytes)
  for (let nth = 0; nth < WINDOW_CHUNKS; nth++) {
    // After that long each write is reported.
    await pass(1_001)
    bob.take(chunk(1, nth * CHUNK_BYTES, Buffer.alloc(CHUNK_BYTES)))
    const { body } = await bob.sent.next(ofType(FILE_PROGRESS.type))
    expect(FILE_PROGRESS.read(body).offset).toBe((nth + 1) * CHUNK_BYTES)
  }
  expect(progress()).toEqual([0])
  await takeAll()
  await pass(300)
  expect(progress()).toEqual([0, WINDOW_CHUNKS * CHUNK_BYTES])
  flow()
})

test('a file that both sides stop ends once', async () => {
  const bob = side()
  bob.take(nthOffer(1))
  await accepted(bob)
  stopLatest(bob)
  bob.take(cancel(1))
  await bob.files.end(null)
  await afterDisk()
  expect(bob.told.all.filter(inState('failed'))).toHaveLength(1)
})

test('a peer that does not read what it is answered is not listened to', async () => {
  const bob = side('decline')
  let release = () => {}
  const room = new Promise<void>(resolve => {
    release = resolve
  })
  bob.files.disconnect()
  bob.files.connect(() => room)
  let id = 0
  let taken: Promise<void> | void
  do {
    id += 1
    taken = bob.files.take(nthOffer(id))
  } while (id < 1_000 && (await isSettled(taken)))
  expect(id).toBeLessThan(100)
  release()
  expect(await isSettled(taken)).toBe(true)
})
