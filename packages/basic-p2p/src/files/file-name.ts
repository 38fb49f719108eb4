import { link, lstat, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { systemCode } from '@p2p-secure-chat/core/files/file-error'
import { printableName } from '@p2p-secure-chat/core/terminal/printable'

/** Longest name that a received file gets, in bytes of UTF-8: most file systems take 255, and a number must fit behind. */
const NAME_BYTES = 240

/** Longest extension that is kept when a name is cut, in bytes; what is longer is no extension. */
const EXTENSION_BYTES = 32

/** Separators, what shells and Windows take for something else, and what printableName() puts in place of controls. */
const UNSAFE = /[/\\<>:"|?*\u2400-\u2424\ufffd]/g

/** Names that Windows takes for devices, whatever extension they have. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i

const UNNAMED = 'file'

/** The highest number that a name gets before we give up: finding a free one takes 40 looks then. */
export const NUMBER_LIMIT = 1_000_000

/** What says that a file system has no hard links. */
const NO_LINKS: ReadonlySet<unknown> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

/**
 * Makes a name from a peer fit to be the name of a file in a folder of ours, on any system: no path, no device, nothing
 * hidden or invisible, no option of a command, not too long.
 *
 * @returns the same name for a name that was made by this
 */
export function safeFileName(name: string): string {
  const last = name.split(/[/\\]/).findLast(part => !/^[. ]*$/.test(part)) ?? UNNAMED
  const visible = printableName(last).normalize('NFC').replaceAll(UNSAFE, '_')
  const cut = trim(cutName(trim(visible)))
  if (cut === '') return UNNAMED
  return DEVICE.test(cut) ? `_${cut}` : cut
}

/** The name that is tried when others are taken: `name (2).ext` as the second. */
export function numberedName(name: string, nth: number): string {
  if (nth === 1) return name
  const { stem, extension } = split(name)
  return `${stem} (${nth})${extension}`
}

/** No leading dots and dashes, no blanks around it, no trailing dots, which Windows drops. */
function trim(name: string): string {
  return name.replace(/^[.\-\s]+/u, '').replace(/[.\s]+$/u, '')
}

/** @returns the name with less of what stands before its extension */
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
