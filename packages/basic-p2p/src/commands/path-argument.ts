import { opendir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { expandTilde } from '@p2p-secure-chat/core/files/user-folder'
import { NO_OFFER, type CompletionChoice, type CompletionOffer } from '@p2p-secure-chat/core/input/complete-word'
import { printableJson } from '@p2p-secure-chat/core/terminal/json-line'

/** A path that cannot be typed as it is, or would be read as another one. */
const NEEDS_QUOTES = /^[\s"]|[\p{C}\p{Zl}\p{Zp}]|\s$/u

/**
 * Reads a path argument: the rest of the line as it is, including spaces, or a JSON string for anything else. `~/` is the
 * user's home, except in quotes.
 *
 * @returns null for an empty argument
 * @throws {ChatError} `usage` for quotes that are not a JSON string
 */
export function readPath(rest: string): string | null {
  const text = rest.trim()
  if (text === '') return null
  return text.startsWith('"') ? unquote(text) : expandTilde(text)
}

/** Writes a path so that readPath() reads it and a terminal can show it. */
export function writePath(path: string): string {
  return NEEDS_QUOTES.test(path) ? printableJson(expandTilde(path)) : path
}

function unquote(text: string): string {
  let path: unknown
  try {
    path = JSON.parse(text)
  } catch (cause) {
    throw new ChatError('usage', `the path ${text} is not a JSON string`, { cause })
  }
  if (typeof path !== 'string') throw new ChatError('usage', 'a path is one JSON string')
  return path
}

/** Entries of a folder that are looked at. */
const MOST_ENTRIES = 10_000

/** Nobody reads a longer list. */
const MOST_CHOICES = 200

/**
 * Offers files and folders that complete a path. Hidden ones need the dot to be typed. Folders end with a slash. A name that
 * is not UTF-8 cannot be typed and is not offered.
 *
 * @param argument the start of a path, as readPath() reads it
 */
export async function pathCompletions(argument: string): Promise<CompletionOffer> {
  const quoted = argument.startsWith('"')
  const typed = quoted ? unfinished(argument) : argument
  if (typed === null) return NO_OFFER
  const folder = typed.slice(0, typed.lastIndexOf('/') + 1)
  const place = quoted ? folder : expandTilde(folder)
  const names = await namesIn(place, typed.slice(folder.length))
  const choices = names.map(async (name): Promise<CompletionChoice> => {
    const isFolder = await isDirectory(join(place, name))
    const label = isFolder ? `${name}/` : name
    // A leading tilde would be read as the user's home.
    const path = folder === '' && name.startsWith('~') ? `./${label}` : `${folder}${label}`
    const text = quoted ? printableJson(path) : writePath(path)
    // The path goes on after a folder, so its quotes stay open.
    return { label, text: isFolder && text.startsWith('"') ? text.slice(0, -1) : text }
  })
  return { word: argument, choices: await Promise.all(choices) }
}

/** Reads a JSON string without its end; null if it is invalid. */
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
    // A missing or unreadable folder has nothing to offer.
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
