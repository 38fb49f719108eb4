import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** The folder of the project: paths on the command lines are relative to it, so that no picture shows another one. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** How long one program may take, in milliseconds: the longest one waits for a large window. */
const DEADLINE = 60_000

/**
 * Runs a program and gives its stdout.
 *
 * @throws {Error} with its stderr, when it fails or time is up
 */
export async function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Buffer> {
  const options = { cwd: ROOT, env, timeout: DEADLINE, encoding: 'buffer', maxBuffer: 2 ** 26 } as const
  const { stdout } = await promisify(execFile)(command, [...args], options)
  return stdout
}
