import type { Hash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, opendir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isLeft, parsePartialName } from './partial-name.ts'

/** Partial files that wait in one folder to be gone on with: a peer that begins file after file must not fill it. */
export const PARTIALS_KEPT = 16

/** Entries of a folder that are read at once. */
const ENTRIES_READ = 1_024

/** No link may lead elsewhere, and no pipe keep us waiting for its other end. */
const CONTINUE = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** The hash of the first bytes of a file, as long as its stamp is the same. */
export interface Hashed {
  readonly hash: Hash
  readonly bytes: number
  /** Changes whenever somebody writes to the file, or puts another one in its place. */
  readonly stamp: string
}

/** A partial file that is open, with as much of its hash as is known. */
export interface OpenedPartial {
  readonly handle: FileHandle
  readonly known: Hashed | null
}

const folders = new Map<string, Promise<KeptPartials>>()

/**
 * The partial files of one folder that nobody is receiving. The folder is read once: what it costs must not depend on how
 * often a peer makes an offer. Neither must hashing, so what was hashed in this process is remembered.
 */
export class KeptPartials {
  /** By their paths, the oldest first; null where nothing of its hash is known. */
  readonly #known: Map<string, Hashed | null>

  private constructor(oldestFirst: readonly string[]) {
    this.#known = new Map(oldestFirst.map(path => [path, null]))
  }

  /**
   * Those of that folder.
   *
   * @throws {Error} of the operating system when the folder cannot be read; the next call tries it again
   */
  static of(folder: string): Promise<KeptPartials> {
    let kept = folders.get(folder)
    if (kept === undefined) {
      kept = leftIn(folder).then(paths => new KeptPartials(paths))
      kept.catch(() => folders.delete(folder))
      folders.set(folder, kept)
    }
    return kept
  }

  /**
   * Goes on with the latest file of that key, under a new path.
   *
   * @param size of the whole file, in bytes
   * @returns null where there is none
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

  /** Keeps a file as the latest. */
  keep(path: string, hashed: Hashed): void {
    this.#known.delete(path)
    this.#known.set(path, hashed)
  }

  /** Takes a file off the list because it is removed. */
  drop(path: string): void {
    this.#known.delete(path)
  }

  /**
   * Removes the oldest ones that are too many, one after the other. What stays because the system does not remove it is no
   * reason not to receive another file.
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

/** @returns milliseconds of the clock; for what is gone meanwhile, the oldest time there is */
async function lastWritten(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0
}

/** @returns null for what another program took before us, and for what is no part of that file of ours, which is removed */
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
      // Where its age tells whether somebody works on it, it begins now.
      const now = new Date()
      await handle.utimes(now, now)
      return { handle, known: hashed?.stamp === stamp ? hashed : null }
    }
    await rm(from, { force: true })
  } catch {
    // A new file is as good.
  }
  await handle?.close().catch(() => undefined)
  return null
}

async function isOurs(handle: FileHandle, size: number): Promise<boolean> {
  const found = await handle.stat()
  const owned = found.uid === (process.getuid?.() ?? found.uid)
  return owned && found.isFile() && found.nlink === 1 && found.size <= size
}

/** How many bytes a file has, and the stamp that they have now. */
export async function stampOf(handle: FileHandle): Promise<{ present: number; stamp: string }> {
  const { ino, size, ctimeNs } = await handle.stat({ bigint: true })
  return { present: Number(size), stamp: `${ino} ${size} ${ctimeNs}` }
}
