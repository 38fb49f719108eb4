import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type FileLock, lockFile } from '../../src/files/file-lock.ts'
import { EXPIRY, RENEWAL } from '../../src/files/owned-file.ts'
import { isAlive, ownerOf, ownerText } from '../../src/files/owner.ts'
import { replaceFile } from '../../src/files/replace-file.ts'
import { polling } from '../support/patience.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, open: vi.fn(actual.open) }
})

let folder: string
let path: string
let lock: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'file-lock-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  path = join(folder, 'peers')
  lock = `${path}.lock`
})

/** More than any system gives to a process. */
const NOBODY = 2 ** 31 - 1

/** Somebody else who runs. */
const other = () => ownerOf(process.ppid)

const in2001 = new Date(1e12)
const soon = () => new Date(Date.now() + 2 * EXPIRY)

function leave(text: string, time = new Date()): void {
  writeFileSync(lock, text)
  utimesSync(lock, time, time)
}

function leaveLink(target: string, time = new Date()): void {
  symlinkSync(target, lock)
  lutimesSync(lock, time, time)
}

const elsewhere = () => ownerText({ ...other(), place: 'another machine, or the time before a restart' })

/** Lets what waits believe that its time is over soon. */
function hurry(): void {
  let now = performance.now()
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 500))
  onTestFinished(() => clock.mockRestore())
}

test('one has it at a time, and the next one when it is given back', async () => {
  const first = await lockFile(path)
  expect(await first.isHeld()).toBe(true)
  const second = lockFile(path)
  await first.release()
  expect(await (await second).isHeld()).toBe(true)
  await first.release()
  await (await second).release()
  expect(readdirSync(folder)).toEqual([])
})

test.each<[string, () => void]>([
  ['is empty, as after a crash, and old', () => leave('', in2001)],
  ['holds anything else, and is old', () => leave('hello', in2001)],
  ['is empty, and of a time that the clock has not reached again', () => leave('', soon())],
  ['was not renewed on another machine', () => leave(elsewhere(), in2001)],
  ['is of a process that is gone', () => leave(ownerText(ownerOf(NOBODY)))],
  ['is of a process whose number another one has now', () => leave(ownerText({ ...other(), started: '1' }))],
  ['is a link, as older versions made it, to a process that is gone', () => leaveLink(String(NOBODY))],
  ['is such a link, made before the machine was started', () => leaveLink(String(process.ppid), in2001)],
  ['is such a link with our own number, which another one had', () => leaveLink(String(process.pid))],
  ['is a link to anything else', () => leaveLink('nowhere')],
])('a lock that %s is taken over at once', async (_, make) => {
  make()
  const taken = await lockFile(path)
  expect(await taken.isHeld()).toBe(true)
  await taken.release()
  expect(readdirSync(folder)).toEqual([])
})

test('a lock that is empty and new gets the time that writing it takes', async () => {
  leave('', new Date(Date.now() - 800))
  const { mtimeMs } = lstatSync(lock)
  await (await lockFile(path)).release()
  expect(Date.now() - mtimeMs).toBeGreaterThan(900)
})

test('a lock of a program that was killed is taken over at once', async () => {
  const child = spawn('sleep', ['60'])
  const { pid } = child
  if (pid === undefined) throw new Error('it did not start')
  leave(ownerText(ownerOf(pid)))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await lockFile(path)).release()
})

test.each<[string, () => void]>([
  ['is of a program that runs, and has not renewed it for years', () => leave(ownerText(other()), in2001)],
  ['is renewed on another machine', () => leave(elsewhere())],
  ['is a link of an older version that runs', () => leaveLink(String(process.ppid))],
])('a lock that %s is not', async (_, make) => {
  make()
  hurry()
  const before = lstatSync(lock).ino
  await expect(lockFile(path)).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringMatching(/^another program .*keeps .*peers$/),
    hint: expect.stringMatching(/try again/),
  })
  expect(lstatSync(lock).ino).toBe(before)
  expect(readdirSync(folder)).toEqual(['peers.lock'])
})

test.each<[string, () => void]>([
  ['a folder', () => mkdirSync(lock)],
  ['a pipe', () => void execFileSync('mkfifo', [lock])],
])('%s in its place is named at once, with what to do, and stays', async (_, make) => {
  make()
  await expect(lockFile(path)).rejects.toMatchObject({
    code: 'unwritable',
    message: expect.stringContaining(lock),
    hint: expect.stringContaining(`move ${lock} away`),
  })
  expect(readdirSync(folder)).toEqual(['peers.lock'])
})

test('a lock that another has taken over between two looks is left to it', async () => {
  leave('', in2001)
  const theirs = ownerText(other())
  const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
  let isFirst = true
  vi.mocked(open).mockImplementation(async (file, flags, mode) => {
    const handle = await really(file, flags, mode)
    if (isFirst && file === lock && typeof flags === 'number') {
      isFirst = false
      rmSync(lock)
      leave(theirs)
    }
    return handle
  })
  onTestFinished(() => void vi.mocked(open).mockReset())
  hurry()
  await expect(lockFile(path)).rejects.toMatchObject({ code: 'unwritable' })
  expect(readFileSync(lock, 'utf8')).toBe(theirs)
  expect(readdirSync(folder)).toEqual(['peers.lock'])
})

/** However slow the machine is. */
async function lockPatiently(): Promise<FileLock> {
  for (;;) {
    const taken = await lockFile(path).catch(() => null)
    if (taken !== null) return taken
  }
}

test.each([
  [in2001, true],
  [new Date(), false],
] as const)('a lock of another user that we cannot read counts by its age (%s)', async (time, isLeft) => {
  leave(ownerText(other()), time)
  const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
  vi.mocked(open).mockImplementation((file, flags, mode) =>
    file === lock && typeof flags === 'number' && readFileSync(lock, 'utf8').includes(`"pid":${process.ppid}`)
      ? Promise.reject(Object.assign(new Error('EACCES: not ours'), { code: 'EACCES' }))
      : really(file, flags, mode),
  )
  onTestFinished(() => void vi.mocked(open).mockReset())
  hurry()
  const taken = lockFile(path)
  if (!isLeft) return expect(taken).rejects.toMatchObject({ message: `another program keeps ${path}` })
  await (await taken).release()
})

test('of many that take over one lock, one has it at a time', async () => {
  leave('', in2001)
  let inside = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      const taken = await lockPatiently()
      inside += 1
      most = Math.max(most, inside)
      await turn()
      inside -= 1
      await taken.release()
    }),
  )
  expect(most).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})

test('an owner that was passed over learns it, and leaves the lock of the next one alone', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const lost: string[] = []
  const first = await lockFile(path, ({ code }) => lost.push(code))
  const theirs = ownerText(other())
  leave(theirs)
  expect(await first.isHeld()).toBe(false)
  vi.advanceTimersByTime(RENEWAL)
  await vi.waitFor(() => expect(lost).toEqual(['unwritable']), polling())
  await first.release()
  expect(readFileSync(lock, 'utf8')).toBe(theirs)
})

test('a process of another user is alive; what is no number of a process is not', () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('EPERM: not ours'), { code: 'EPERM' })
  })
  onTestFinished(() => kill.mockRestore())
  expect(isAlive(NOBODY)).toBe(true)
  expect([0, -1, 1.5, Number.NaN].map(isAlive)).toEqual([false, false, false, false])
})

describe('a file', () => {
  const write = (text: string) => replaceFile(path, () => Promise.resolve(Buffer.from(text)))

  test.each<[string, (draft: string) => void]>([
    ['a draft of long ago', draft => writeFileSync(draft, 'half')],
    ['a link', draft => symlinkSync(join(folder, 'elsewhere'), draft)],
    ['a pipe', draft => void execFileSync('mkfifo', [draft])],
  ])('is replaced although %s is where its draft goes', async (_, make) => {
    writeFileSync(join(folder, 'elsewhere'), 'stays')
    make(`${path}.new`)
    await write('new')
    expect(readFileSync(path, 'utf8')).toBe('new')
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('stays')
    expect(readdirSync(folder).toSorted()).toEqual(['elsewhere', 'peers'])
    expect(lstatSync(path).mode & 0o777).toBe(0o600)
  })

  test('is left alone where a folder is there, which is named', async () => {
    mkdirSync(`${path}.new`)
    const draft = `${path}.new`
    await expect(write('new')).rejects.toMatchObject({
      code: 'unwritable',
      message: `${draft} is in the way: it is a folder`,
      hint: expect.stringContaining(`move ${draft} away`),
    })
    expect(readdirSync(folder)).toEqual(['peers.new'])
  })

  test.each(['before', 'after'])(
    'is not replaced by one whose lock was taken over %s its draft is made',
    async when => {
      const draft = `${path}.new`
      const theirs = ownerText(other())
      const takeOver = () => {
        leave(theirs)
        rmSync(draft, { force: true })
        writeFileSync(draft, 'theirs')
      }
      const { open: really } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises')
      vi.mocked(open).mockImplementation(async (file, flags, mode) => {
        const handle = await really(file, flags, mode)
        if (when === 'after' && file === draft) takeOver()
        return handle
      })
      onTestFinished(() => void vi.mocked(open).mockReset())
      const late = replaceFile(path, () => {
        if (when === 'before') takeOver()
        return Promise.resolve(Buffer.from('late'))
      })
      await expect(late).rejects.toMatchObject({ code: 'unwritable', hint: 'try again' })
      expect(readdirSync(folder)).toEqual(['peers.lock', 'peers.new'])
      expect([lock, draft].map(file => readFileSync(file, 'utf8'))).toEqual([theirs, 'theirs'])
    },
  )
})
