import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { PARTIAL_NAME } from './partial-name.ts'

/** Partial files that wait in one folder to be gone on with: a peer that begins file after file must not fill it. */
export const PARTIALS_KEPT = 16

/**
 * Makes place for one more partial file: removes the oldest ones beyond those that are kept.
 *
 * @param isInUse whether the file of that path is being received; it stays
 */
export async function removeOldPartials(folder: string, isInUse: (path: string) => boolean): Promise<void> {
  const paths = (await readdir(folder)).filter(name => PARTIAL_NAME.test(name)).map(name => join(folder, name))
  const waiting = await Promise.all(
    paths.filter(path => !isInUse(path)).map(async path => ({ path, time: await lastWritten(path) })),
  )
  const newestFirst = waiting.toSorted((a, b) => b.time - a.time)
  await Promise.all(newestFirst.slice(PARTIALS_KEPT - 1).map(({ path }) => rm(path, { force: true })))
}

/** @returns milliseconds of the clock; for what is gone meanwhile, the oldest time there is */
async function lastWritten(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.mtimeMs ?? 0
}
