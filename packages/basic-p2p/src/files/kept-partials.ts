import type { Hash } from 'node:crypto'
import { opendir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isLeft, parsePartialName } from './partial-name.ts'

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

/** A file that nobody is receiving. */
export interface KeptPartial {
  readonly path: string
  /** What is known of it; null for nothing. */
  readonly hashed: Hashed | null
}

/**
 * The partial files of one folder that nobody is receiving. The folder is read once: what it costs must not depend on how
 * often a peer makes an offer. Neither must hashing, so what was hashed in this process is remembered.
 */
export interface KeptPartials {
  /** Takes the latest file of that key off the list, to go on with it; null where there is none. */
  take(key: string): KeptPartial | null
  /** Takes a file off the list because it is removed. */
  drop(path: string): void
  /** Keeps a file as the latest. */
  keep(path: string, hashed: Hashed): void
  /** Takes the oldest ones off the list that are too many. */
  takeExcess(): string[]
}

const folders = new Map<string, Promise<KeptPartials>>()

/**
 * Those of that folder.
 *
 * @throws {Error} of the operating system when the folder cannot be read; the next call tries it again
 */
export function keptPartials(folder: string): Promise<KeptPartials> {
  let kept = folders.get(folder)
  if (kept === undefined) {
    kept = readKept(folder)
    kept.catch(() => folders.delete(folder))
    folders.set(folder, kept)
  }
  return kept
}

async function readKept(folder: string): Promise<KeptPartials> {
  const found: { path: string; time: number }[] = []
  for await (const { name } of await opendir(folder, { bufferSize: ENTRIES_READ })) {
    const parsed = parsePartialName(name)
    if (parsed === null) continue
    const path = join(folder, name)
    const time = await lastWritten(path)
    if (isLeft(parsed, time)) found.push({ path, time })
  }
  const oldestFirst = found.toSorted((a, b) => a.time - b.time)
  const known = new Map<string, Hashed | null>(oldestFirst.map(({ path }) => [path, null]))

  return {
    take(key) {
      const path = [...known.keys()].findLast(other => parsePartialName(basename(other))?.key === key)
      if (path === undefined) return null
      const hashed = known.get(path) ?? null
      known.delete(path)
      return { path, hashed }
    },
    drop: path => void known.delete(path),
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
