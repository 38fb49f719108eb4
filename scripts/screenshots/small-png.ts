import { statSync } from 'node:fs'
import { run } from './run.ts'

/** What a picture may weigh, in bytes: a reader loads three of them with one page. */
const MOST = 250_000

/** As many as a palette holds: enough for the text of a screen and its smooth edges. */
const COLOURS = 256

/**
 * Writes a picture with few colours and without remarks, such as dates.
 *
 * @throws {RangeError} when it is too large even so
 */
export async function writeSmallPng(from: string, to: string): Promise<void> {
  await run('convert', [
    from,
    '+dither',
    '-colors',
    `${COLOURS}`,
    '-strip',
    '-define',
    'png:compression-level=9',
    `PNG8:${to}`,
  ])
  const { size } = statSync(to)
  if (size > MOST) throw new RangeError(`${to} takes ${size} bytes; ${MOST} are the most`)
}
