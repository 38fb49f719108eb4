import { closeSync, openSync, rmSync } from 'node:fs'
import { lstat, readFile, rename, rm } from 'node:fs/promises'
import { ChatError } from '../errors.ts'
import { attempt, fileError, systemCode } from './file-error.ts'
import { type FileLock, keptBy, lockFile } from './file-lock.ts'
import { lookAtOwned } from './owned-file.ts'

/** A file that was made for this program, and is written while it runs. */
export interface NewFile {
  /** Its descriptor, to write to. */
  readonly fd: number
  /** What is to be said of what was there: where that is now; else empty. */
  readonly remark: string
  /** Closes it. @throws {Error} of the operating system */
  close(): Promise<void>
  /** Closes it and takes it away again. @throws {Error} as close() */
  discard(): Promise<void>
}

/**
 * Makes a file for its owner alone. What is there already under that name, a link to somewhere else included, is left
 * alone: what is to be written must not end up in something that others read. While it is written there is a lock beside
 * it; by that we know later what a crash has left, which is moved aside, so that the same command can run again.
 *
 * @param head what the caller writes first: a file with no more than that is not worth keeping
 * @throws {ChatError} `unwritable`, `disk-full`
 */
export async function openNewFile(path: string, head: Uint8Array = new Uint8Array()): Promise<NewFile> {
  const made = tryToMake(path)
  if (made !== null) {
    try {
      return newFile(path, made, await lockFile(path), '')
    } catch (error) {
      closeSync(made)
      rmSync(path, { force: true })
      throw error
    }
  }
  const left = await lookAtOwned(`${path}.lock`).catch(() => null)
  if (left === null || !(await isFile(path))) throw existsAlready(path)
  if (!left.left) throw keptBy(left, path)
  const lock = await lockFile(path)
  try {
    const remark = await moveAside(path, head)
    const fd = tryToMake(path)
    if (fd === null) throw existsAlready(path)
    return newFile(path, fd, lock, remark)
  } catch (error) {
    await lock.release()
    throw error
  }
}

function newFile(path: string, fd: number, lock: FileLock, remark: string): NewFile {
  async function end(isKept: boolean): Promise<void> {
    try {
      closeSync(fd)
      if (!isKept) rmSync(path, { force: true })
    } finally {
      await lock.release()
    }
  }
  return { fd, remark, close: () => end(true), discard: () => end(false) }
}

/** @returns its descriptor; null where there is something of that name */
function tryToMake(path: string): number | null {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (cause) {
    if (systemCode(cause) === 'EEXIST') return null
    throw fileError('unwritable', path, cause)
  }
}

/** @returns what is to be said of it */
function moveAside(path: string, head: Uint8Array): Promise<string> {
  return attempt('unwritable', path, async () => {
    const { size } = await lstat(path)
    if (size <= head.length && (await readFile(path)).equals(head.subarray(0, size))) {
      await rm(path)
      return ''
    }
    let count = 1
    while (await isThere(`${path}.${count}`)) count += 1
    await rename(path, `${path}.${count}`)
    return `; what a run that did not end has left is in ${path}.${count}`
  })
}

function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isFile() === true
}

function existsAlready(path: string): ChatError {
  const hint = 'name a new file, or move that one away'
  return new ChatError('unwritable', `${path} exists already and is not overwritten`, { hint })
}

/** Refuses `-` where a flag names a file: elsewhere it stands for stdout. @throws {ChatError} `usage` */
export function checkFileName(flag: string, path: string | undefined): void {
  if (path === '-') throw new ChatError('usage', `${flag} names a file`)
}
