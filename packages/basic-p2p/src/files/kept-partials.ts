import type { Hash } from 'node:crypto'
import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PARTIAL_NAME } from './partial-name.ts'

/** Partial files that wait in one folder to be gone on with: a peer that begins file after file must not fill it. */
export const PARTIALS_KEPT = 16

/** Entries of a folder that are read at once. */
const ENTRIES_READ = 1_024

/** The hash of the first bytes of a file, as long as its stamp is the same. */
export interface Hashed {
  readonly hash: Hash
  readonly bytes: number
  /** Changes whenever somebody writes to the file, or puts another one in its place. */
  readonly stamp: string
}

/**
 * The partial files of one folder that nobody is receiving. The folder is read once: what it costs must not depend on how
 * often a peer makes an offer. Neither must hashing, so what was hashed in this process is remembered.
 */
export interface KeptPartials {
  /** Takes a file off the list because it is gone on with, or removed. @returns what is known of it; null for nothing */
  take(path: string): Hashed | null
  /** Keeps a file as the latest. */
  keep(path: string, hashed: Hashed): void
  /** Takes the oldest ones off the list that are too many. */
  takeExcess(): string[]
}

const folders = new Map<string, Promise<KeptPartials>>()

/**
 * Those of that folder.
 *
 * @param isInUse whether the file of that path is being received
 * @throws {Error} of the operating system when the folder cannot be read; the next call tries it again
 */
export function keptPartials(folder: string, isInUse: (path: string) => boolean): Promise<KeptPartials> {
  let kept = folders.get(folder)
  if (kept === undefined) {
    kept = readKept(folder, isInUse)
    kept.catch(() => folders.delete(folder))
    folders.set(folder, kept)
  }
  return kept
}

async function readKept(folder: string, isInUse: (path: string) => boolean): Promise<KeptPartials> {
  const found: { path: string; time: number }[] = []
  for await (const { name } of await opendir(folder, { bufferSize: ENTRIES_READ })) {
    const path = join(folder, name)
    if (PARTIAL_NAME.test(name) && !isInUse(path)) found.push({ path, time: await lastWritten(path) })
  }
  const oldestFirst = found.toSorted((a, b) => a.time - b.time)
  const known = new Map<string, Hashed | null>(oldestFirst.map(({ path }) => [path, null]))

  return {
    take(path) {
      const hashed = known.get(path) ?? null
      known.delete(path)
      return hashed
    },
    keep(path, hashed) {
      known.delete(path)
      known.set(path, hashed)
    },
    takeExcess() {
      const excess = [...known.keys()].slice(0, -PARTIALS_KEPT)
      for (const path of excess) known.delete(path)
      return excess
    },
  }
}

/** @returns milliseconds of the clock; for what is gone meanwhile, the oldest time there is */
async function lastWritten(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0
}
