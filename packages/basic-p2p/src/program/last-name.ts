import { constants } from 'node:fs'
import { join } from 'node:path'
import { isName } from '../directory/name.ts'
import { openRegularFile } from '@p2p-secure-chat/core/files/regular-file'

/** No name begins with a point, so this is nobody's folder. */
const FILE = '.last-name'

/** The name that was used last in this home; null when none is known. It is a suggestion and nothing else. */
export async function readLastName(home: string): Promise<string | null> {
  const name = (await readRegular(join(home, FILE)).catch(() => '')).trimEnd()
  return isName(name) ? name : null
}

async function readRegular(path: string): Promise<string> {
  const handle = await openRegularFile(path, constants.O_RDONLY)
  try {
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** Keeps the name for the next time. A home that does not take it loses nothing but the suggestion. */
export async function keepLastName(home: string, name: string): Promise<void> {
  await writeRegular(join(home, FILE), `${name}\n`).catch(() => undefined)
}

async function writeRegular(path: string, text: string): Promise<void> {
  // In a sticky home, a link in its place may be another user's, to a file of ours.
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  const handle = await openRegularFile(path, flags)
  try {
    await handle.writeFile(text)
  } finally {
    await handle.close()
  }
}
