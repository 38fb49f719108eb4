import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * Whether a program is installed, for tests that check our work against it: `test.skipIf(!hasTool('openssl'))`. A
 * missing one is said aloud.
 *
 * @throws {Error} when it is missing although REQUIRE_TOOLS=1 says that everything is installed here
 */
export function hasTool(name: string): boolean {
  if (isInstalled(name)) return true
  if (process.env['REQUIRE_TOOLS'] === '1') throw new Error(`${name} is not installed, and REQUIRE_TOOLS=1 asks for it`)
  process.stderr.write(`skipped: no ${name}\n`)
  return false
}

/** Whether a program of this name is on the path. */
export function isInstalled(name: string): boolean {
  return toolPath(name) !== null
}

/** Where a program is; null when it is not on the path. */
export function toolPath(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return folders.map(folder => join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Whether we may record packets and the like. Where we may not, that is said aloud.
 *
 * @throws {Error} where we may not although REQUIRE_TOOLS=1 says that everything can be done here
 */
export function isRoot(): boolean {
  if (process.getuid?.() === 0) return true
  if (process.env['REQUIRE_TOOLS'] === '1') throw new Error('we are not root, and REQUIRE_TOOLS=1 asks for it')
  process.stderr.write('skipped: we are not root\n')
  return false
}
