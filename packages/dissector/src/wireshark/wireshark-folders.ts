import { execFile } from 'node:child_process'
import { posix, win32 } from 'node:path'
import { promisify } from 'node:util'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { userFolder } from '@p2p-secure-chat/core/files/user-folder'

/** Where Wireshark looks for what belongs to one user. */
export interface WiresharkFolders {
  /** Plugins in Lua. */
  readonly plugins: string
  /** One folder for each configuration profile. */
  readonly profiles: string
}

/** How long tshark may take to name its folders, in milliseconds: it starts in less than a second. */
const TSHARK_DEADLINE = 15_000

/** What tshark calls them; a folder that it does not know has nothing behind the colon. */
const PLUGINS = /^Personal Lua Plugins:[\t ]*(\S.*)$/m
const CONFIGURATION = /^Personal configuration:[\t ]*(\S.*)$/m

/**
 * Asks the tshark on the path, which knows best; where there is none, goes by the platform.
 *
 * @throws {ChatError} `usage` where the user has no home folder
 */
export async function wiresharkFolders(): Promise<WiresharkFolders> {
  const told = await toldFolders()
  if (told !== null) return told
  const home = userFolder()
  if (home === null) {
    throw new ChatError('usage', 'you have no home folder, where Wireshark looks for plugins', {
      hint: 'name another folder with --folder',
    })
  }
  return usualFolders(process.platform, process.env, home)
}

async function toldFolders(): Promise<WiresharkFolders | null> {
  try {
    const { stdout } = await promisify(execFile)('tshark', ['-G', 'folders'], { timeout: TSHARK_DEADLINE })
    const plugins = PLUGINS.exec(stdout)?.[1]?.trim()
    const configuration = CONFIGURATION.exec(stdout)?.[1]?.trim()
    if (plugins === undefined || configuration === undefined) return null
    return { plugins, profiles: pathsOf(process.platform).join(configuration, 'profiles') }
  } catch {
    return null
  }
}

/**
 * The folders that Wireshark uses without being told otherwise (Wireshark User's Guide, appendix B.3 and B.4).
 *
 * @param platform as of process.platform
 * @param environment as of process.env; `WIRESHARK_CONFIG_DIR` moves what Wireshark keeps in its configuration folder
 * @param home the user's own folder
 */
export function usualFolders(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): WiresharkFolders {
  const { join, isAbsolute } = pathsOf(platform)
  const set = (name: string) => environment[name] || undefined
  const moved = set('WIRESHARK_CONFIG_DIR')
  if (platform === 'win32') {
    const configuration = moved ?? join(set('APPDATA') ?? join(home, 'AppData', 'Roaming'), 'Wireshark')
    return { plugins: join(configuration, 'plugins'), profiles: join(configuration, 'profiles') }
  }
  // Of a relative one the XDG Base Directory Specification says that it is to be ignored.
  const xdg = isAbsolute(set('XDG_CONFIG_HOME') ?? '') ? set('XDG_CONFIG_HOME') : undefined
  const configuration = moved ?? join(xdg ?? join(home, '.config'), 'wireshark')
  return { plugins: join(home, '.local/lib/wireshark/plugins'), profiles: join(configuration, 'profiles') }
}

function pathsOf(platform: NodeJS.Platform) {
  return platform === 'win32' ? win32 : posix
}
