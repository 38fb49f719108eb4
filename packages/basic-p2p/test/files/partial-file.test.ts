import { createHash, randomBytes } from 'node:crypto'
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { lstat, open as openFile, opendir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { NUMBER_LIMIT, numberedName } from '../../src/files/file-name.ts'
import { PARTIALS_KEPT } from '../../src/files/partial-store.ts'
import { openPartial, PARTIALS_OPEN, type PartialFile, partialsAreFull } from '../../src/files/partial-file.ts'
import { ownerOf } from '@p2p-secure-chat/core/files/owner'
import { isLeft, parsePartialName } from '../../src/files/partial-name.ts'
import { failOnClose, osError } from '../support/os-error.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

vi.mock('node:fs/promises', { spy: true })

const KEY = '0123456789abcdef'.repeat(2)
/** As an earlier version of this program named it. */
const PARTIAL = `.p2p-secure-chat-${KEY}.partial`
const content = randomBytes(100_000)
const sha256 = createHash('sha256').update(content).digest('hex')

const wanted = new AbortController().signal

const manyKeys = Array.from({ length: PARTIALS_KEPT + 4 }, (_, index) => `${index}`.padStart(32, '0'))

async function open(folder: string, key = KEY, size = content.length): Promise<PartialFile> {
  const partial = await openPartial(folder, key, size, wanted)
  if (partial === null) throw new Error('nothing was opened')
  return partial
}

test('a file gets its name once it is whole and verified, for our eyes only', async () => {
  const folder = temporaryFolder()
  const partial = await open(folder)
  await partial.append([content.subarray(0, 10), content.subarray(10)])
  expect(readdirSync(folder)).toEqual([basename(partial.path)])
  expect(parsePartialName(basename(partial.path))).toMatchObject({ key: KEY, owner: { pid: process.pid } })
  expect(await partial.finish(sha256, 'photo.jpg')).toBe(join(folder, 'photo.jpg'))
  expect(readdirSync(folder)).toEqual(['photo.jpg'])
  expect(readFileSync(join(folder, 'photo.jpg'))).toEqual(content)
  expect(statSync(join(folder, 'photo.jpg')).mode & 0o777).toBe(0o600)
})

test('what came is gone on with', async () => {
  const folder = temporaryFolder()
  const first = await open(folder)
  await first.append([content.subarray(0, 60_000)])
  await first.close()
  const second = await open(folder)
  expect(second.bytes).toBe(60_000)
  await second.append([content.subarray(60_000)])
  await second.finish(sha256, 'photo.jpg')
  expect(readFileSync(join(folder, 'photo.jpg'))).toEqual(content)
})

test.each([
  ['other bytes', () => randomBytes(content.length)],
  ['a part', () => content.subarray(1)],
])('%s of the wrong checksum or size are thrown away', async (_, bytes) => {
  const folder = temporaryFolder()
  const partial = await open(folder)
  await partial.append([bytes()])
  await expect(partial.finish(sha256, 'photo.jpg')).rejects.toMatchObject({ code: 'bad-checksum' })
  await partial.close()
  expect(readdirSync(folder)).toEqual([])
})

test('the checksum is what is told, also where what came can not be removed', async () => {
  const folder = temporaryFolder()
  const partial = await open(folder)
  await partial.append([randomBytes(content.length)])
  vi.mocked(rm).mockRejectedValueOnce(osError('EACCES'))
  await expect(partial.finish(sha256, 'photo.jpg')).rejects.toMatchObject({ code: 'bad-checksum' })
  await (await open(folder)).close()
})

test('what the system says when a partial file is closed or removed is an error of ours', async () => {
  const folder = temporaryFolder()
  failOnClose(openFile, 'EDQUOT')
  await expect((await open(folder)).close()).rejects.toMatchObject({ name: 'ChatError', code: 'disk-full' })
  const partial = await open(folder)
  vi.mocked(rm).mockRejectedValueOnce(osError('EACCES'))
  await expect(partial.remove()).rejects.toMatchObject({ name: 'ChatError', code: 'unwritable' })
  await (await open(folder)).close()
})

test('a file that is on the disk and has its name is received, whatever closing it says', async () => {
  const folder = temporaryFolder()
  failOnClose(openFile, 'EIO')
  const partial = await open(folder)
  await partial.append([content])
  expect(await partial.finish(sha256, 'photo.jpg')).toBe(join(folder, 'photo.jpg'))
})

test('why a file can not be begun is told, whatever else goes wrong then, and it can be tried again', async () => {
  const folder = temporaryFolder()
  failOnClose(openFile, 'EIO')
  vi.mocked(rm).mockRejectedValueOnce(osError('EACCES'))
  await expect(open(folder, KEY, 2 ** 53 - 1)).rejects.toMatchObject({ code: 'disk-full' })
  await (await open(folder)).close()
})

test('a partial file that was altered meanwhile is found out in the end', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, PARTIAL), randomBytes(50_000))
  const partial = await open(folder)
  expect(partial.bytes).toBe(50_000)
  await partial.append([content.subarray(50_000)])
  await expect(partial.finish(sha256, 'photo.jpg')).rejects.toMatchObject({ code: 'bad-checksum' })
  expect(readdirSync(folder)).toEqual([])
})

test('nothing that has the name is overwritten, not even a folder or a dangling link', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), 'mine')
  mkdirSync(join(folder, 'photo (2).jpg'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'photo (3).jpg'))
  const partial = await open(folder)
  await partial.append([content])
  expect(await partial.finish(sha256, 'photo.jpg')).toBe(join(folder, 'photo (4).jpg'))
  expect(readFileSync(join(folder, 'photo.jpg'), 'utf8')).toBe('mine')
  expect(existsSync(join(folder, 'nowhere'))).toBe(false)
})

test('the same where the file system has no links', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), 'mine')
  const { link } = await import('node:fs/promises')
  vi.mocked(link).mockRejectedValue(Object.assign(new Error('no links here'), { code: 'EPERM' }))
  const partial = await open(folder)
  await partial.append([content])
  expect(await partial.finish(sha256, 'photo.jpg')).toBe(join(folder, 'photo (2).jpg'))
  expect(readdirSync(folder).toSorted()).toEqual(['photo (2).jpg', 'photo.jpg'])
  expect(readFileSync(join(folder, 'photo.jpg'), 'utf8')).toBe('mine')
  expect(readFileSync(join(folder, 'photo (2).jpg'))).toEqual(content)
  vi.mocked(link).mockRestore()
})

test('who has all files of one name that there can be hears what to do about that', async () => {
  const folder = temporaryFolder()
  const partial = await open(folder)
  await partial.append([content])
  const taken = vi.mocked(lstat).mockImplementation(async () => statSync(folder))
  onTestFinished(() => taken.mockRestore())
  writeFileSync(join(folder, 'photo.jpg'), '')
  await expect(partial.finish(sha256, 'photo.jpg')).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(`${NUMBER_LIMIT} files`),
    hint: expect.stringContaining('another folder'),
  })
  await partial.close()
})

test.each([
  ['a link to another file', (path: string, other: string) => symlinkSync(other, path)],
  ['another name of another file', (path: string, other: string) => linkSync(other, path)],
  ['something larger than the whole file', (path: string) => writeFileSync(path, Buffer.alloc(content.length + 1))],
])('%s in the place of the partial file is not written to', async (_, put) => {
  const folder = temporaryFolder()
  const other = join(temporaryFolder(), 'other')
  writeFileSync(other, 'mine')
  put(join(folder, PARTIAL), other)
  const partial = await open(folder)
  expect(partial.bytes).toBe(0)
  await partial.append([content])
  await partial.finish(sha256, 'photo.jpg')
  expect(readFileSync(other, 'utf8')).toBe('mine')
})

test('files of the same content come at once, each into a file of its own, and each goes on', async () => {
  const folder = temporaryFolder()
  const both = [await open(folder), await open(folder)] as const
  await both[0].append([content.subarray(0, 10)])
  await both[1].append([content.subarray(0, 20)])
  for (const partial of both) await partial.close()
  const again = [await open(folder), await open(folder), await open(folder)] as const
  expect(again.map(({ bytes }) => bytes)).toEqual([20, 10, 0])
  for (const partial of again) {
    await partial.append([content.subarray(partial.bytes)])
    await partial.finish(sha256, 'photo.jpg')
  }
  expect(readdirSync(folder).toSorted()).toEqual(['photo (2).jpg', 'photo (3).jpg', 'photo.jpg'])
})

/** How a partial file of that process is called: what newPartialName() says of ours, about another one. */
async function partialNameOf(pid: number, started: string | null, number: number): Promise<string> {
  const ours = await open(temporaryFolder())
  await ours.remove()
  const [, , place] = /\.\d+-(\d+)-([\da-f]+)-\d+\.partial$/.exec(ours.path) ?? []
  return `.p2p-secure-chat-${KEY}.${pid}-${started}-${place}-${number}.partial`
}

test.each([
  ['of a process that is gone', 2 ** 22 + 1, '1', true],
  ['of an earlier process of the same number', process.pid, '1', true],
  ['of a process that runs', process.ppid, ownerOf(process.ppid).started, false],
])('a partial file %s', async (_, pid, when, isTaken) => {
  const folder = temporaryFolder()
  const name = await partialNameOf(pid, when, 1)
  writeFileSync(join(folder, name), content.subarray(0, 60_000))
  for (const key of manyKeys) writeFileSync(join(folder, name.replace(KEY, key)), 'x')
  const partial = await open(folder)
  expect([partial.bytes, readdirSync(folder).includes(name)]).toEqual(isTaken ? [60_000, false] : [0, true])
  // Neither is it removed where too many are there.
  expect(readdirSync(folder).length).toBe(isTaken ? PARTIALS_KEPT + 1 : manyKeys.length + 2)
  await partial.remove()
})

test('where nobody says when a process started, ten minutes without a byte say that it is another one', () => {
  for (const owner of [
    { ...ownerOf(), started: null },
    { ...ownerOf(), place: 'elsewhere' },
  ]) {
    const file = { key: KEY, owner }
    expect([isLeft(file, 0, 600_000), isLeft(file, 0, 600_001)]).toEqual([false, true])
  }
})

test('of two programs that go on with one partial file, one has it', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, PARTIAL), content.subarray(0, 60_000))
  const { rename } = await import('node:fs/promises')
  vi.mocked(rename).mockImplementationOnce(async from => {
    renameSync(from, join(folder, 'taken'))
    throw osError('ENOENT')
  })
  const partial = await open(folder)
  expect(partial.bytes).toBe(0)
  expect(readFileSync(join(folder, 'taken'))).toEqual(content.subarray(0, 60_000))
  await partial.remove()
})

test('an offer larger than the disk is refused before the first byte', async () => {
  const folder = temporaryFolder()
  await expect(open(folder, KEY, 2 ** 53 - 1)).rejects.toMatchObject({ code: 'disk-full' })
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that is none is unwritable', async () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  await expect(open(join(file, 'below'))).rejects.toMatchObject({ code: 'unwritable' })
  await expect(open('/nowhere/at/all')).rejects.toMatchObject({ code: 'unwritable' })
})

/** Leaves the first byte of a file, as a transfer that broke off does. */
async function leave(folder: string, key: string): Promise<void> {
  const partial = await open(folder, key)
  await partial.append([content.subarray(0, 1)])
  await partial.close()
}

/** What the partial files of a folder are parts of. */
const keysIn = (folder: string) =>
  readdirSync(folder)
    .toSorted()
    .flatMap(name => parsePartialName(name)?.key ?? [])
const manyNames = manyKeys.map(key => `.p2p-secure-chat-${key}.partial`)

test('of many files that were begun, the latest are kept, and those that are being received', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'notes.partial'), 'not ours')
  const underWay = await open(folder, manyKeys[0])
  for (const key of manyKeys.slice(1)) await leave(folder, key)
  expect(keysIn(folder)).toEqual([manyKeys[0], ...manyKeys.slice(-PARTIALS_KEPT)])
  expect(existsSync(join(folder, 'notes.partial'))).toBe(true)
  await underWay.remove()
})

test('the same for those that an earlier run of the program left', async () => {
  const folder = temporaryFolder()
  for (const [index, name] of manyNames.entries()) {
    writeFileSync(join(folder, name), 'x')
    utimesSync(join(folder, name), index, index)
  }
  const latest = await open(folder)
  expect(keysIn(folder)).toEqual([...manyKeys.slice(-PARTIALS_KEPT), KEY])
  await latest.close()
})

test('of a file without a byte nothing is kept', async () => {
  const folder = temporaryFolder()
  await (await open(folder)).close()
  expect(readdirSync(folder)).toEqual([])
})

test('the folder is read once, however many files are begun in it', async () => {
  const folder = temporaryFolder()
  vi.mocked(opendir).mockClear()
  for (const key of manyKeys) await leave(folder, key)
  expect(opendir).toHaveBeenCalledTimes(1)
})

/** Counts the bytes that are read from files, and calls the test before each read. */
async function countReads(onRead = () => {}): Promise<() => number> {
  const handle = await openFile('/dev/null')
  const prototype: typeof handle = Object.getPrototypeOf(handle)
  const really = prototype.read
  const read = vi.spyOn(prototype, 'read').mockImplementation(function (this: typeof handle, ...given: unknown[]) {
    onRead()
    return Reflect.apply(really, this, given)
  })
  await handle.close()
  onTestFinished(() => read.mockRestore())
  return () => read.mock.calls.reduce((sum, given) => sum + Number(Array.from<unknown>(given)[2]), 0)
}

test('what was hashed once is not hashed again, however often the connection breaks', async () => {
  const folder = temporaryFolder()
  const bytesRead = await countReads()
  writeFileSync(join(folder, PARTIAL), content.subarray(0, 60_000))
  for (let time = 0; time < 5; time++) {
    const partial = await open(folder)
    expect(partial.bytes).toBe(60_000 + time)
    await partial.append([content.subarray(60_000 + time, 60_001 + time)])
    await partial.close()
  }
  expect(bytesRead()).toBe(60_000)
  const last = await open(folder)
  await last.append([content.subarray(60_005)])
  await last.finish(sha256, 'photo.jpg')
})

test('what somebody else has written to is hashed again', async () => {
  const folder = temporaryFolder()
  const wrong = await open(folder)
  await wrong.append([randomBytes(60_000)])
  await wrong.close()
  writeFileSync(wrong.path, content.subarray(0, 60_000))
  const partial = await open(folder)
  expect(partial.bytes).toBe(60_000)
  await partial.append([content.subarray(60_000)])
  await partial.finish(sha256, 'photo.jpg')
})

test('nothing is opened for a file that nobody wants any more, and nothing of it is lost', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, PARTIAL), content.subarray(0, 60_000))
  vi.mocked(openFile).mockClear()
  expect(await openPartial(folder, KEY, content.length, AbortSignal.abort())).toBeNull()
  expect(openFile).not.toHaveBeenCalled()
  const partial = await open(folder)
  await partial.append([content.subarray(60_000)])
  await partial.finish(sha256, 'photo.jpg')
})

test('hashing ends with the wish for the file, and goes on where it ended', async () => {
  const folder = temporaryFolder()
  const large = Buffer.alloc(5_000_000)
  writeFileSync(join(folder, PARTIAL), large)
  const stopped = new AbortController()
  const bytesRead = await countReads(() => stopped.abort())
  const unwanted = await openPartial(folder, KEY, large.length, stopped.signal)
  expect(unwanted?.bytes).toBe(large.length)
  expect(bytesRead()).toBeLessThan(large.length / 2)
  await unwanted?.close()
  const partial = await open(folder, KEY, large.length)
  expect(bytesRead()).toBe(large.length)
  await partial.finish(createHash('sha256').update(large).digest('hex'), 'photo.jpg')
})

test('so many are open at once and no more, in whatever conversations', async () => {
  const folder = temporaryFolder()
  const keys = Array.from({ length: PARTIALS_OPEN }, (_, index) => `${index}`.padStart(32, 'a'))
  const partials = await Promise.all(keys.map(key => open(folder, key)))
  expect(partialsAreFull()).toBe(true)
  await expect(open(folder)).rejects.toMatchObject({ code: 'too-many' })
  await partials[0]?.close()
  await (await open(folder)).close()
  await Promise.all(partials.map(partial => partial.close()))
})

test('a name that is there hundreds of times costs a few looks', async () => {
  const folder = temporaryFolder()
  for (let nth = 1; nth <= 700; nth++) writeFileSync(join(folder, numberedName('photo.jpg', nth)), '')
  vi.mocked(lstat).mockClear()
  const partial = await open(folder)
  await partial.append([content])
  expect(await partial.finish(sha256, 'photo.jpg')).toBe(join(folder, 'photo (701).jpg'))
  expect(vi.mocked(lstat).mock.calls.length).toBeLessThan(25)
})
