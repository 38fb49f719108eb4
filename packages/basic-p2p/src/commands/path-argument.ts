import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { expandTilde } from '@p2p-secure-chat/core/files/user-folder'
import { NO_OFFER, type Choice, type Offer } from '@p2p-secure-chat/core/input/complete-word'
import { printableJson } from '@p2p-secure-chat/core/terminal/json-line'

/** A path that would be read as something else, or could not be typed, as it is. */
const NEEDS_QUOTES = /^[\s"]|[\p{C}\p{Zl}\p{Zp}]|\s$/u

/**
 * Reads the path that is the argument of a command: the rest of the line as it is, blanks included, or a JSON string
 * in double quotes for anything else. `~/` is the user's home, except in quotes.
 *
 * @returns null for none
 * @throws {ChatError} `usage` for quotes that are not those of a JSON string
 */
export function readPath(rest: string): string | null {
  const text = rest.trim()
  if (text === '') return null
  return text.startsWith('"') ? unquote(text) : expandTilde(text)
}

/** What readPath() reads as the same path, and a terminal can show. */
export function writePath(path: string): string {
  return NEEDS_QUOTES.test(path) ? printableJson(expandTilde(path)) : path
}

function unquote(text: string): string {
  let path: unknown
  try {
    path = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('usage', `the quotes around the path ${text} are not those of a JSON string`, { cause })
  }
  if (typeof path !== 'string') throw new ChatError('usage', 'a path is one JSON string')
  return path
}

/** Of a folder with more entries than that, only these are looked at. */
const MOST_ENTRIES = 10_000

/** Nobody reads a longer list of choices. */
const MOST_CHOICES = 200

/**
 * Offers the files and folders that a path may go on with; those whose names begin with a dot only once it is typed.
 * A folder ends with a slash. A name that is no UTF-8 can not be typed and is not offered.
 *
 * @param argument the beginning of a path, as readPath() reads it
 */
export async function pathCompletions(argument: string): Promise<Offer> {
  const quoted = argument.startsWith('"')
  const typed = quoted ? unfinished(argument) : argument
  if (typed === null) return NO_OFFER
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1)
  const place = quoted ? folder : expandTilde(folder)
  const names = await namesIn(place, typed.slice(folder.length))
  const choices = names.map(async (name): Promise<Choice> => {
    const isFolder = await isDirectory(join(place, name))
    const label = isFolder ? `${name}/` : name
    // A tilde at the beginning would be read as the user's home.
    const path = folder === '' && name.startsWith('~') ? `./${label}` : `${folder}${label}`
    const text = quoted ? printableJson(path) : writePath(path)
    // A folder is no whole path yet, so its quotes stay open.
    return { label, text: isFolder && text.startsWith('"') ? text.slice(0, -1) : text }
  })
  return { word: argument, choices: await Promise.all(choices) }
}

/** What a JSON string without an end says so far; null if nothing. */
function unfinished(argument: string): string | null {
  try {
    return readPath(`${argument}"`)
  } catch {
    return null
  }
}

async function namesIn(folder: string, start: string): Promise<string[]> {
  const names: string[] = []
  try {
    let seen = 0
    for await (const { name } of await opendir(folder || '.')) {
      seen += 1
      if (seen > MOST_ENTRIES || names.length >= MOST_CHOICES) break
      const hidden = name.startsWith('.') && !start.startsWith('.')
      if (name.startsWith(start) && !hidden && !name.includes('\ufffd')) names.push(name)
    }
  } catch {
    // A folder that is not there, or not for us, has nothing to offer.
    return []
  }
  return names.sort()
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
