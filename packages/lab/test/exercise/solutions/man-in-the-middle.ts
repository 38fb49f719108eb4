import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Solve, taskSays } from './solve.ts'

/** Writes the script. */
export const manInTheMiddle: Solve = async folder => {
  const [elsewhere = '', there = ''] = await taskSays(folder, /with "([\w ]+)" wherever she says\s+"([\w ]+)"/)
  const script = await readFile(new URL('mallory.mjs', import.meta.url), 'utf8')
  await writeFile(join(folder, 'mallory.mjs'), script.replace('THERE', there).replace('ELSEWHERE', elsewhere))
  return {}
}
