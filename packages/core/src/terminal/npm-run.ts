import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Command } from 'commander'
import { refuseKeptFlags } from './kept-flags.ts'

/**
 * Makes a command that `npm run` started in a checkout what it is anywhere else. npm changed to the root: this goes back
 * to the folder in which the person is, so that relative paths count from there. Programs that are started by this one
 * inherit the environment, so only the first does any of it.
 *
 * @throws {ChatError} `usage` if npm kept flags that are meant for the program
 */
export function takeOverFromNpm(program: Command): void {
  const { npm_package_json: manifest, INIT_CWD: folder } = process.env
  if (manifest === undefined || folder === undefined) return
  if (realpathSync(dirname(manifest)) !== realpathSync(process.cwd())) return
  delete process.env['INIT_CWD']
  refuseKeptFlags(program)
  try {
    process.chdir(folder)
  } catch {
    // It was removed meanwhile; the root is as good as any other.
  }
}
