import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isName } from '../directory/name.ts'

/** No name begins with a point, so this is nobody's folder. */
const FILE = '.last-name'

/** The name that was used last in this home; null when none is known. It is a suggestion and nothing else. */
export async function readLastName(home: string): Promise<string | null> {
  const text = await readFile(join(home, FILE), 'utf8').catch(() => '')
  const name = text.trimEnd()
  return isName(name) ? name : null
}

/** Keeps the name for the next time. A home that does not take it loses nothing but the suggestion. */
export async function keepLastName(home: string, name: string): Promise<void> {
  await writeFile(join(home, FILE), `${name}\n`, { mode: 0o600 }).catch(() => undefined)
}
