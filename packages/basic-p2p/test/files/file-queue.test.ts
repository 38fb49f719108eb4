import { rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { OFFER_PAUSES } from '../../src/files/outgoing-file.ts'
import { FILES_WAITING } from '../../src/files/outgoing-files.ts'
import { happenings } from '../support/events.ts'
import { fakeClock } from '../support/fake-clock.ts'
import {
  accept,
  afterDisk,
  connection,
  expectOneEndEach,
  inState,
  json,
  ofType,
  result,
  type Side,
  side,
  stopLatest,
} from '../support/file-side.ts'
import { holdDisk } from '../support/os-error.ts'
import { FILES_AT_ONCE } from '../../src/files/transfer.ts'
import { FILE_CANCEL, FILE_OFFER } from '../../src/messages/files.ts'
import { polling } from '../../../core/test/support/patience.ts'

vi.mock('node:fs/promises', { spy: true })

const offered = ({ sent }: Side) => sent.all.filter(ofType(FILE_OFFER.type)).map(message => json(message).name ?? '')

/** Empty files, one after the other. */
function emptyFiles({ folder }: Side, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = join(folder, `file${index + 1}`)
    writeFileSync(path, '')
    return path
  })
}

/** What is said of one file after the other. */
const nthTaken = (index: number) => ({ id: index + 1, before: index < FILES_AT_ONCE ? null : index - FILES_AT_ONCE })

/** Lets bob send so many files, of which the first ones are offered. */
async function sending(count: number): Promise<Side & { readonly paths: readonly string[] }> {
  const bob = side()
  const paths = emptyFiles(bob, count)
  for (const [index, path] of paths.entries()) {
    expect(await bob.files.offer(path)).toEqual(nthTaken(index))
  }
  await vi.waitFor(() => expect(offered(bob)).toHaveLength(Math.min(count, FILES_AT_ONCE)), polling())
  return { ...bob, paths }
}

test('four files of ours are under way, and the others wait for their turn in order', async () => {
  const bob = await sending(7)
  for (const [index, id] of [3, 1, 2, 4, 5, 6, 7].entries()) {
    bob.take(accept(id, 0))
    bob.take(result(id, null))
    await bob.told.next(inState('done'))
    await vi.waitFor(() => expect(offered(bob)).toHaveLength(Math.min(7, FILES_AT_ONCE + index + 1)), polling())
  }
  await bob.files.settled()
  expect(offered(bob)).toEqual(bob.paths.map((_, index) => `file${index + 1}`))
  expectOneEndEach(bob.told.all)
})

test('commands that do not wait for each other keep their order', async () => {
  const bob = side()
  const taken = await Promise.all(emptyFiles(bob, 20).map(path => bob.files.offer(path)))
  expect(taken).toEqual(taken.map((_, index) => nthTaken(index)))
})

test('a path that is no file is refused at once, also behind files that wait', async () => {
  const bob = await sending(FILES_AT_ONCE + 1)
  await expect(bob.files.offer(join(bob.folder, 'nowhere'))).rejects.toMatchObject({ code: 'unreadable' })
  await expect(bob.files.offer(bob.folder)).rejects.toMatchObject({ code: 'unreadable' })
  expect(await bob.files.offer(bob.paths[0] ?? '')).toMatchObject({ before: 1 })
})

test('a file that is gone when its turn comes fails, and the next one goes', async () => {
  const bob = await sending(FILES_AT_ONCE + 2)
  const [gone = ''] = bob.paths.slice(FILES_AT_ONCE)
  rmSync(gone)
  bob.take(result(1, 'declined'))
  expect(await bob.told.next(inState('failed'))).toMatchObject({ id: 1, code: 'declined' })
  expect(await bob.told.next(inState('failed'))).toMatchObject({
    id: FILES_AT_ONCE + 1,
    code: 'unreadable',
    path: gone,
    sha256: null,
  })
  await vi.waitFor(() => expect(offered(bob).at(-1)).toBe(`file${FILES_AT_ONCE + 2}`), polling())
})

test('the latest file is stopped first, whether it waits or is under way', async () => {
  const bob = await sending(FILES_AT_ONCE + 2)
  for (let nth = 0; nth < 3; nth++) stopLatest(bob)
  expect(bob.told.all.filter(inState('failed')).map(({ id, code }) => [id, code])).toEqual([
    [6, 'cancelled'],
    [5, 'cancelled'],
    [4, 'cancelled'],
  ])
  expect(bob.sent.all.filter(ofType(FILE_CANCEL.type))).toHaveLength(1)
  await nextTurn()
  expect(offered(bob)).toHaveLength(FILES_AT_ONCE)
  expect(await bob.files.offer(bob.paths[0] ?? '')).toMatchObject({ before: null })
})

test.each(['leave', 'end'] as const)('files that wait fail with the conversation: %s', async way => {
  const bob = await sending(FILES_AT_ONCE + 3)
  await (way === 'leave' ? bob.files.leave() : bob.files.end(null))
  const failed = bob.told.all.filter(inState('failed'))
  expect(failed.map(({ id, code }) => `${id} ${code}`)).toEqual(
    Array.from({ length: FILES_AT_ONCE + 3 }, (_, index) => `${index + 1} closed`),
  )
  expect(offered(bob)).toHaveLength(FILES_AT_ONCE)
  await expect(bob.files.offer(bob.paths[0] ?? '')).rejects.toMatchObject({ code: 'closed' })
})

test('a file that is being read when the conversation ends is not offered', async () => {
  const bob = side()
  const [path = ''] = emptyFiles(bob, 1)
  const release = holdDisk(open)
  onTestFinished(release)
  const taken = bob.files.offer(path)
  await vi.waitFor(() => expect(open).toHaveBeenCalled(), polling())
  const ended = bob.files.end(null)
  release()
  await expect(taken).rejects.toMatchObject({ code: 'closed' })
  await ended
  expect(offered(bob)).toEqual([])
})

test('who writes one command after the other waits for room; who does not is refused', async () => {
  const bob = side()
  const [path = ''] = emptyFiles(bob, 1)
  for (let nth = 1; nth < FILES_AT_ONCE + FILES_WAITING; nth++) await bob.files.offer(path)
  let hasRoom = false
  const before = bob.files.open.length
  const last = bob.files.offer(path).finally(() => {
    hasRoom = true
  })
  await expect(bob.files.offer(path)).rejects.toMatchObject({ code: 'too-many' })
  await vi.waitFor(() => expect(bob.files.open.length).toBeGreaterThan(before), polling())
  await nextTurn()
  expect(hasRoom).toBe(false)
  bob.take(result(1, 'declined'))
  expect(await last).toMatchObject({ before: FILES_WAITING - 1 })
  await bob.files.end(null)
})

test('a file that the receiver has no place for is offered again, and keeps its turn', async () => {
  const pass = fakeClock()
  const bob = await sending(FILES_AT_ONCE + 1)
  bob.take(result(2, 'too-many'))
  for (const [index, pause] of OFFER_PAUSES.entries()) {
    await pass(pause - 1)
    const id = FILES_AT_ONCE + index
    expect(offered(bob)).toHaveLength(id)
    await pass(1)
    expect(json(bob.sent.all.filter(ofType(FILE_OFFER.type)).at(-1) ?? never())).toMatchObject({
      id: id + 1,
      name: 'file2',
    })
    if (index < OFFER_PAUSES.length - 1) bob.take(result(id + 1, 'too-many'))
  }
  const id = FILES_AT_ONCE + OFFER_PAUSES.length
  bob.take(accept(id, 0))
  bob.take(result(id, null))
  expect(await bob.told.next(inState('done'))).toMatchObject({ id: 2, name: 'file2' })
  expect(bob.told.all.filter(({ id, state }) => id === 2 && state === 'offered')).toHaveLength(1)
})

function never(): never {
  throw new Error('there is none')
}

test('a receiver that never has a place is believed in the end', async () => {
  const pass = fakeClock()
  const bob = await sending(1)
  for (let id = 1; id <= OFFER_PAUSES.length + 1; id++) {
    bob.take(result(id, 'too-many'))
    await pass(OFFER_PAUSES[id - 1] ?? 0)
  }
  expect(await bob.told.next(inState('failed'))).toMatchObject({ id: 1, code: 'too-many' })
  expectOneEndEach(bob.told.all)
})

test('a pause between two offers ends with the file', async () => {
  const pass = fakeClock()
  const bob = await sending(1)
  bob.take(result(1, 'too-many'))
  stopLatest(bob)
  await pass(60_000)
  expect(offered(bob)).toHaveLength(1)
  expect(await bob.told.next(inState('failed'))).toMatchObject({ code: 'cancelled' })
})

test('what was offered before comes first on a new connection, and what was refused gets a new id behind it', async () => {
  const pass = fakeClock()
  const bob = await sending(3)
  bob.take(result(1, 'too-many'))
  bob.files.disconnect()
  await pass(OFFER_PAUSES[0] ?? 0)
  const again = happenings<Parameters<ReturnType<typeof connection>>[0]>()
  bob.files.connect(connection(again))
  expect(again.all.map(message => json(message)).map(({ id, name }) => [id, name])).toEqual([
    [2, 'file2'],
    [3, 'file3'],
    [4, 'file1'],
  ])
})

test('whoever reads nothing of what happens sends no more than what goes at once', async () => {
  let flow = () => {}
  const output = new Promise<void>(resolve => {
    flow = resolve
  })
  const bob = side('accept', { output: () => output })
  for (const path of emptyFiles(bob, 8)) void bob.files.offer(path)
  await vi.waitFor(() => expect(offered(bob)).toHaveLength(FILES_AT_ONCE), polling())
  for (let id = 1; id <= FILES_AT_ONCE; id++) {
    bob.take(accept(id, 0))
    bob.take(result(id, null))
  }
  await afterDisk()
  expect(offered(bob)).toHaveLength(FILES_AT_ONCE)
  flow()
  await vi.waitFor(() => expect(offered(bob)).toHaveLength(8), polling())
})
