import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** What recording takes of the system, and in which package a distribution usually has it. */
const TOOLS = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  ip: 'iproute2',
  ss: 'iproute2',
  ethtool: 'ethtool',
  tcpdump: 'tcpdump',
} as const

/** How long the system may take to say whether we may make a network, in milliseconds. */
const PROBE_DEADLINE = 5_000

/** What makes a network and leaves it again. */
const PROBE = ['unshare', '--net', 'true']

/** Lets the command behind it make networks though we are not root: it is, as it were, in a world of its own. */
const AS_USER = ['unshare', '--user', '--map-current-user', '--keep-caps']

/** @throws {ChatError} `missing-tool` that names all that is missing */
export function requireTools(path = process.env['PATH'] ?? ''): void {
  if (process.platform !== 'linux') {
    throw new ChatError(
      'missing-tool',
      `recording needs the network namespaces of Linux, and this is ${process.platform}`,
      {
        hint: 'record on Linux; the captures can be read anywhere',
      },
    )
  }
  const missing = Object.entries(TOOLS).filter(([tool]) => !isInstalled(tool, path))
  if (missing.length === 0) return
  const names = missing.map(([tool]) => tool).join(', ')
  const packages = [...new Set(missing.map(([, from]) => from))].join(' ')
  throw new ChatError('missing-tool', `recording needs ${names}, not found here`, {
    hint: `on Debian and Ubuntu: apt-get install ${packages}`,
  })
}

function isInstalled(tool: string, path: string): boolean {
  return path.split(delimiter).some(folder => {
    try {
      accessSync(join(folder, tool), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/**
 * Finds out what lets us make networks.
 *
 * @returns what to write before our own command: nothing for root
 * @throws {ChatError} `missing-tool` when nothing does
 */
export function findRights(): readonly string[] {
  if (works(PROBE)) return []
  if (works([...AS_USER, ...PROBE])) return AS_USER
  throw new ChatError(
    'missing-tool',
    'recording needs permission to create network namespaces, which this user lacks',
    {
      hint: 'run it as root, or allow user namespaces (sysctl kernel.unprivileged_userns_clone, or AppArmor)',
    },
  )
}

function works([command = '', ...args]: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore', timeout: PROBE_DEADLINE })
    return true
  } catch {
    return false
  }
}

/** Runs this very command again within another one, and forwards signals to it. @returns its exit code */
export async function runAgainWithin([command = '', ...args]: readonly string[]): Promise<number> {
  const child = spawn(command, [...args, process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const [code]: (number | null)[] = await once(child, 'close')
  return code ?? 1
}
