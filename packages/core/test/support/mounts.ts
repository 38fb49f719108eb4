import { spawnSync } from 'node:child_process'
import { hasTool } from './tools.ts'

/**
 * Whether a test can have a file system of its own: `test.skipIf(!hasMounts())`. Said aloud where it can not, as with
 * hasTool().
 *
 * @throws {Error} when it can not although REQUIRE_TOOLS=1 says that everything is installed here
 */
export function hasMounts(): boolean {
  if (!['unshare', 'mount'].every(hasTool)) return false
  if (runApart('mount -t tmpfs x /mnt').status === 0) return true
  if (process.env['REQUIRE_TOOLS'] === '1') throw new Error('no file system can be mounted here')
  process.stderr.write('skipped: no file system can be mounted\n')
  return false
}

/** Goes before a script of sh: what it mounts is seen by nobody else, and is gone afterwards. */
export const apart = ['unshare', '-rm', 'sh', '-c'] as const

/** Runs a script of sh to its end, with mounts of its own. */
export function runApart(script: string) {
  const [command, ...args] = apart
  return spawnSync(command, [...args, script], { encoding: 'utf8' })
}
