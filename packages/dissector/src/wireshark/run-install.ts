import { join } from 'node:path'
import { wholePath } from '@p2p-secure-chat/core/files/user-folder'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
import { printableLine, shellWord } from '@p2p-secure-chat/core/terminal/printable'
import { type Installed, installWireshark, PROFILE } from './install.ts'
import { type WiresharkFolders, wiresharkFolders } from './wireshark-folders.ts'

const WHAT: Record<Installed['what'], string> = {
  written: 'written',
  updated: 'updated',
  unchanged: 'unchanged',
  kept: 'kept, since somebody has changed it',
}

/**
 * Installs the plugin and the profile, and says how to use them.
 *
 * @param folder where to put both, in place of Wireshark's own folders
 */
export async function runInstall(folder: string | undefined): Promise<void> {
  quietPipe()
  const print = (text = '') => void process.stdout.write(`${text}\n`)
  const folders = folder === undefined ? await wiresharkFolders() : foldersIn(wholePath(folder))
  const installed = await installWireshark(folders)
  for (const { path, what } of installed) print(`${printableLine(path)}: ${WHAT[what]}`)
  const plugin = folder === undefined ? '' : ` -X ${shellWord(`lua_script:${installed[0]?.path}`)}`
  const configuration = folder === undefined ? '' : `WIRESHARK_CONFIG_DIR=${shellWord(wholePath(folder))} `
  print()
  print('Open a capture:')
  print(`  ${configuration}wireshark${plugin} -C ${PROFILE} -r FILE`)
  print('With the key log of a client (--keylog KEYS):')
  print(`  ${configuration}wireshark${plugin} -C ${PROFILE} -o p2pc.keylog:KEYS -r FILE`)
}

function foldersIn(folder: string): WiresharkFolders {
  return { plugins: join(folder, 'plugins'), profiles: join(folder, 'profiles') }
}
