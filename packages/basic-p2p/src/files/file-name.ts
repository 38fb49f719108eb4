import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { printableName } from '@p2p-secure-chat/core/terminal/printable'

/** Longest name of a received file, in bytes of UTF-8: most file systems allow 255, and a number must fit at the end. */
const NAME_BYTES = 240

/** Longest extension to keep when a name is cut, in bytes; anything longer is not an extension. */
const EXTENSION_BYTES = 32

/** Separators, characters special to shells or Windows, and the substitutes of printableName() for controls. */
const UNSAFE = /[/\\<>:"|?*\u2400-\u2424\ufffd]/g

/** Names that Windows treats as devices, whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i

const UNNAMED = 'file'

/** Highest number to append to a name before giving up; finding a free one then takes 40 lookups. */
export const NUMBER_LIMIT = 1_000_000

/** Errors of a file system without hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Sanitises a name from a peer for a file in our folder, on any system: no path, no device, nothing hidden or invisible,
 * nothing that looks like an option of a command, not too long.
 *
 * @returns a safe name; sanitising it again changes nothing
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).findLast(part => !/^[. ]*$/.test(part)) ?? UNNAMED
  const visible = printableName(last).normalize('NFC').replaceAll(UNSAFE, '_')
  const cut = trim(cutName(trim(visible)))
  if (cut === '') return UNNAMED
  return DEVICE.test(cut) ? `_${cut}` : cut
}

/** The nth candidate for a name that is taken: `name (2).ext` is the second. */
export function numberedName(name: string, nth: number): string {
  if (nth === 1) return name
  const { stem, extension } = split(name)
  return `${stem} (${nth})${extension}`
}

/** Removes leading dots and dashes, surrounding spaces, and trailing dots, which Windows drops. */
function trim(name: string): string {
  return name.replace(/^[.\-\s]+/u, '').replace(/[.\s]+$/u, '')
}

/** Shortens the part before the extension. */
function cutName(name: string): string {
  const { stem, extension } = split(name)
  const room = NAME_BYTES - Buffer.byteLength(extension)
  if (Buffer.byteLength(stem) <= room) return name
  let kept = ''
  let bytes = 0
  for (const character of stem) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    kept += character
  }
  return kept + extension
}

function split(name: string): { stem: string; extension: string } {
  const dot = name.lastIndexOf('.')
  const extension = dot > 0 ? name.slice(dot) : ''
  if (Buffer.byteLength(extension) > EXTENSION_BYTES) return { stem: name, extension: '' }
  return { stem: name.slice(0, name.length - extension.length), extension }
}

/**
 * Moves a file to a name that is free in the same folder, with a number if the plain name is taken.
 *
 * @param mode permissions of the file that reserves the name on a file system without links
 * @returns its new path
 * @throws {ChatError} `unwritable` if there are too many files of that name
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
  throw new ChatError('unwritable', `${folder} already has ${NUMBER_LIMIT} files called ${name}`, {
    hint: 'move some of them away, or receive files in another folder',
  })
}

/**
 * Finds a free number, given that 1 is taken, in about 2 log2(n) lookups: a peer that repeats one name must not make us
 * look at every file each time.
 *
 * @returns a number above the limit if none is free
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

/** True even for a dangling link. */
async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null
}

/** Moves without replacing anything: link() fails atomically if the name is taken. */
async function moveTo(path: string, named: string, mode: number): Promise<void> {
  try {
    await link(path, named)
  } catch (cause) {
    if (!NO_LINKS.has(systemCode(cause))) throw cause
    // The next best: nothing is ever replaced, but for a moment an empty file has the name.
    await (await open(named, 'wx', mode)).close()
    return rename(path, named)
  }
  await rm(path)
}
