import type { Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isLeft, parsePartialName } from './partial-name.ts'

/** Partial files to keep in one folder for a resume: a peer that starts file after file must not fill it. */
export const PARTIALS_KEPT = 16

/** Entries of a folder to read at once. */
const ENTRIES_READ = 1_024

/** Follows no link, and does not wait for the other end of a pipe. */
const CONTINUE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The hash of the first bytes of a file, valid while its stamp is unchanged. */
export interface Hashed {
  readonly hash: Hash
  readonly bytes: number
  /** Changes when somebody writes to the file or replaces it. */
  readonly stamp: string
}

/** An open partial file, with the known part of its hash. */
export interface OpenedPartial {
  readonly handle: FileHandle
  readonly known: Hashed | null
}

const folders = new Map<string, Promise<PartialStore>>()

/**
 * The partial files of one folder that nobody is receiving. The folder is read only once, and hashes made by this process
 * are remembered, so that repeated offers of a peer cost little.
 */
export class PartialStore {
  /** By path, the oldest first; null if no part of the hash is known. */
  readonly #known: Map<string, Hashed | null>

  private constructor(oldestFirst: readonly string[]) {
    this.#known = new Map(oldestFirst.map(path => [path, null]))
  }

  /**
   * Gives the partial files of a folder.
   *
   * @throws {Error} of the operating system if the folder cannot be read; the next call tries again
   */
  static of(folder: string): Promise<PartialStore> {
    let kept = folders.get(folder)
    if (kept === undefined) {
      kept = leftIn(folder).then(paths => new PartialStore(paths))
      kept.catch(() => folders.delete(folder))
      folders.set(folder, kept)
    }
    return kept
  }

  /**
   * Takes over the latest file of a key, under a new path.
   *
   * @param size of the whole file, in bytes
   * @returns null if there is none
   */
  async goOn(key: string, path: string, size: number): Promise<OpenedPartial | null> {
    for (let kept = this.#latest(key); kept !== undefined; kept = this.#latest(key)) {
      const hashed = this.#known.get(kept) ?? null
      this.#known.delete(kept)
      const opened = await takeOver(kept, hashed, path, size)
      if (opened !== null) return opened
    }
    return null
  }

  /** Adds a file as the latest. */
  keep(path: string, hashed: Hashed): void {
    this.#known.delete(path)
    this.#known.set(path, hashed)
  }

  /** Forgets a file that is being removed. */
  drop(path: string): void {
    this.#known.delete(path)
  }

  /**
   * Removes the oldest files beyond PARTIALS_KEPT. A file that cannot be removed must not keep us from receiving others.
   */
  async removeExcess(): Promise<void> {
    const excess = [...this.#known.keys()].slice(0, -PARTIALS_KEPT)
    for (const path of excess) this.#known.delete(path)
    for (const path of excess) await rm(path, { force: true }).catch(() => undefined)
  }

  #latest(key: string): string | undefined {
    return [...this.#known.keys()].findLast(path => parsePartialName(basename(path))?.key === key)
  }
}

/** @returns their paths, the oldest first */
async function leftIn(folder: string): Promise<string[]> {
  const found: { path: string; time: number }[] = []
  for await (const { name } of await opendir(folder, { bufferSize: ENTRIES_READ })) {
    const parsed = parsePartialName(name)
    if (parsed === null) continue
    const path = join(folder, name)
    const time = await lastWritten(path)
    if (isLeft(parsed, time)) found.push({ path, time })
  }
  return found.toSorted((a, b) => a.time - b.time).map(({ path }) => path)
}

/** @returns milliseconds since the epoch; 0 for a file that is gone by now */
async function lastWritten(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0
}

/** @returns null if another program was first, or if it is not a partial file of ours, which is then removed */
async function takeOver(
  from: string,
  hashed: Hashed | null,
  path: string,
  size: number,
): Promise<OpenedPartial | null> {
  const handle = await open(from, CONTINUE).catch(() => null)
  try {
    if (handle !== null && (await isOurs(handle, size))) {
      const { stamp } = await stampOf(handle)
      await rename(from, path)
      // Its age may be the only sign that somebody works on it: reset it.
      const now = new Date()
      await handle.utimes(now, now)
      return { handle, known: hashed?.stamp === stamp ? hashed : null }
    }
    await rm(from, { force: true })
  } catch {
    // A new file will do.
  }
  await handle?.close().catch(() => undefined)
  return null
}

async function isOurs(handle: FileHandle, size: number): Promise<boolean> {
  const found = await handle.stat()
  const owned = found.uid === (process.getuid?.() ?? found.uid)
  return owned && found.isFile() && found.nlink === 1 && found.size <= size
}

/** The current size and stamp of a file. */
export async function stampOf(handle: FileHandle): Promise<{ present: number; stamp: string }> {
  const { ino, size, ctimeNs } = await handle.stat({ bigint: true })
  return { present: Number(size), stamp: `${ino} ${size} ${ctimeNs}` }
}
