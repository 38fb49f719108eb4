import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { numberedName } from './file-name.ts'

/** The highest number that a name gets before we give up: finding a free one takes 40 looks then. */
export const NUMBER_LIMIT = 1_000_000

/** What says that a file system has no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Moves a file to a name that nothing has yet, in the same folder, with a number where the plain name is taken.
 *
 * @param mode of the file that takes the name first where there are no links
 * @returns its new path
 * @throws {ChatError} `unwritable` when there are too many of that name
 * @throws {Error} of the operating system
 */
export async function giveName(path: string, folder: string, name: string, mode: number): Promise<string> {
  const numbered = (nth: number) => join(folder, numberedName(name, nth))
  for (let nth = 1; nth <= NUMBER_LIMIT; nth = await freeNumber(numbered)) {
    try {
      await moveTo(path, numbered(nth), mode)
      return numbered(nth)
    } catch (cause) {
      if (systemCode(cause) !== 'EEXIST') throw cause
    }
  }
  throw new ChatError('unwritable', `${folder} has ${NUMBER_LIMIT} files called ${name} already`, {
    hint: 'move some of them away, or receive files in another folder',
  })
}

/**
 * Finds a number that is free where 1 is taken, in about 2 log2(n) looks: a peer that sends one name again and again must
 * not make us look at all of them each time.
 *
 * @returns a number above the limit where there is none
 */
async function freeNumber(numbered: (nth: number) => string): Promise<number> {
  let taken = 1
  let free = 2
  while (free <= NUMBER_LIMIT && (await exists(numbered(free)))) {
    taken = free
    free = free === NUMBER_LIMIT ? NUMBER_LIMIT + 1 : Math.min(2 * free, NUMBER_LIMIT)
  }
  while (free - taken > 1) {
    const middle = Math.floor((taken + free) / 2)
    if (await exists(numbered(middle))) taken = middle
    else free = middle
  }
  return free
}

/** Also for a link that leads nowhere. */
async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

/** A link is made only where nothing is, in one step. */
async function moveTo(path: string, named: string, mode: number): Promise<void> {
  try {
    await link(path, named)
  } catch (cause) {
    if (!NO_LINKS.has(systemCode(cause))) throw cause
    // The next best: nothing of anybody else's is ever replaced, though for a moment an empty file has the name.
    await (await open(named, 'wx', mode)).close()
    return rename(path, named)
  }
  await rm(path)
}
