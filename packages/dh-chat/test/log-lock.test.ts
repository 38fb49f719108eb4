import { existsSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { takeLock } from '../src/log/log-lock.ts'
import { temporaryFolder } from './support/chat-town.ts'

vi.mock('node:fs/promises', async load => {
  const actual = await load<typeof import('node:fs/promises')>()
  return { ...actual, readlink: vi.fn(actual.readlink) }
})

/** More than any system gives to a process. */
const GONE = String(2 ** 31 - 1)

/** Somebody else who runs. */
const OTHER = String(process.ppid)

test('who saw the lock of somebody gone does not remove the one that came in its place', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'log.lock')
  symlinkSync(GONE, path)
  vi.mocked(readlink).mockImplementationOnce(() => {
    rmSync(path)
    symlinkSync(OTHER, path)
    return Promise.resolve(GONE)
  })
  await expect(takeLock(path)).rejects.toMatchObject({
    code: 'unwritable',
    message: `another client (process ${OTHER}) keeps this log`,
    hint: expect.stringContaining(path),
  })
  expect(readlinkSync(path)).toBe(OTHER)
  expect(readdirSync(folder)).toEqual(['log.lock'])
})

test('a lock that is given back between two looks at it is free', async () => {
  const path = join(temporaryFolder(), 'log.lock')
  symlinkSync(OTHER, path)
  vi.mocked(readlink).mockImplementationOnce(() => {
    rmSync(path)
    return Promise.reject(new Error('it is gone'))
  })
  const unlock = await takeLock(path)
  expect(readlinkSync(path)).toBe(String(process.pid))
  await unlock()
  expect(existsSync(path)).toBe(false)
})
