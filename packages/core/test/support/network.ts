import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { hasTool } from './tools.ts'

/** Brings the loopback of a network of its own up, and says so. */
const UP = 'ip link set lo up && echo up'

/** A machine's network in which nobody listens on anything yet, with a loopback and nothing else. */
export interface Network {
  /** What to run in place of a command, so that it runs there. */
  inside(command: string, ...args: readonly string[]): { command: string; args: readonly string[] }
}

/**
 * Whether there can be networks apart: `test.skipIf(!hasNetworks())`. Said aloud where there can not, as with hasTool().
 *
 * @throws {Error} when there can not although REQUIRE_TOOLS=1 says that everything is installed here
 */
export function hasNetworks(): boolean {
  if (!['unshare', 'nsenter', 'ip'].every(hasTool)) return false
  try {
    execFileSync('unshare', ['-rn', 'sh', '-c', UP], { stdio: 'ignore' })
    return true
  } catch (cause) {
    if (process.env['REQUIRE_TOOLS'] === '1') throw new Error('there is no network apart here', { cause })
    process.stderr.write('skipped: no network apart\n')
    return false
  }
}

/** Makes a network that is gone after the test, with the default port of everything free. */
export async function openNetwork(): Promise<Network> {
  // It lives as long as its standard input is open, even if this process does not live to close it.
  const keeper = spawn('unshare', ['-rn', 'sh', '-c', `${UP} && cat`], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void keeper.stdin.end())
  await once(keeper.stdout, 'data')
  const enter = ['-t', String(keeper.pid), '-U', '-n', '--preserve-credentials']
  return { inside: (command, ...args) => ({ command: 'nsenter', args: [...enter, command, ...args] }) }
}
