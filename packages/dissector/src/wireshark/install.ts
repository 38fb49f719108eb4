import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { attempt, fileError, systemCode } from '@p2p-secure-chat/core/files/file-error'
import { makeFolder } from '@p2p-secure-chat/core/files/make-folder'
import { replaceFile } from '@p2p-secure-chat/core/files/replace-file'
import { dataFolder } from '@p2p-secure-chat/core/installation'
import { absolutePath } from '@p2p-secure-chat/core/files/user-folder'
import { printableLine, shellWord } from '@p2p-secure-chat/core/terminal/printable'
import { quietPipe } from '@p2p-secure-chat/core/terminal/quiet-pipe'
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
  const folders = folder === undefined ? await wiresharkFolders() : foldersIn(absolutePath(folder))
  const installed = await installWireshark(folders)
  for (const { path, what } of installed) print(`${printableLine(path)}: ${WHAT[what]}`)
  const plugin = folder === undefined ? '' : ` -X ${shellWord(`lua_script:${installed[0]?.path}`)}`
  const configuration = folder === undefined ? '' : `WIRESHARK_CONFIG_DIR=${shellWord(absolutePath(folder))} `
  print()
  print('Open a capture:')
  print(`  ${configuration}wireshark${plugin} -C ${PROFILE} -r FILE`)
  print('With the key log of a client (--keylog KEYS):')
  print(`  ${configuration}wireshark${plugin} -C ${PROFILE} -o p2pc.keylog:KEYS -r FILE`)
}

function foldersIn(folder: string): WiresharkFolders {
  return { plugins: join(folder, 'plugins'), profiles: join(folder, 'profiles') }
}

/** The plugin is one file, the profile a folder of files. */
const PLUGIN = 'p2p-secure-chat.lua'
const PROFILE = 'p2p-secure-chat'

/** What this package ships: the plugin, and the files of the profile in `profile`. */
const SHIPPED = dataFolder('wireshark')

/** At the end of the first line of what is installed: by it we know later whether somebody has changed the rest. */
const SEAL = /, sha256 of the rest: [0-9a-f]{64}$/

/** The result for one file: `kept` is one that somebody has changed since. */
interface Installed {
  readonly path: string
  readonly what: 'written' | 'updated' | 'unchanged' | 'kept'
}

/**
 * Puts the plugin and the profile where Wireshark finds them. A file of an older version is replaced. Wireshark itself
 * writes to the files of a profile when somebody changes its settings; a changed file stays as it is, no matter
 * who changed it.
 *
 * @throws {ChatError} `unwritable`, also when the plugin's name is taken by a file that is not as we wrote it;
 * `unreadable`; `disk-full`
 */
async function installWireshark(folders: WiresharkFolders): Promise<Installed[]> {
  const profile = join(folders.profiles, PROFILE)
  const plugin = await installFile(join(SHIPPED, PLUGIN), folders.plugins, PLUGIN)
  if (plugin.what === 'kept') {
    const hint = 'move that file away, or give another folder with --folder'
    throw new ChatError('unwritable', `${plugin.path} is there already, and is not as we wrote it`, { hint })
  }
  const installed = [plugin]
  for (const name of (await readdir(join(SHIPPED, 'profile'))).sort()) {
    installed.push(await installFile(join(SHIPPED, 'profile', name), profile, name))
  }
  return installed
}

async function installFile(source: string, folder: string, name: string): Promise<Installed> {
  const path = join(folder, name)
  const content = sealed(await attempt('unreadable', source, () => readFile(source)))
  await makeFolder(folder)
  let what: Installed['what'] = 'written'
  await replaceFile(path, async () => {
    const old = await readIfThere(path)
    if (old !== null) what = old.equals(content) ? 'unchanged' : isAsWeWrote(old, content) ? 'updated' : 'kept'
    return what === 'written' || what === 'updated' ? content : null
  })
  return { path, what }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return null
    throw fileError('unreadable', path, cause)
  }
}

/** Every file of ours says in its first line, for good, what it is; here it gets its seal. */
function sealed(shipped: Buffer): Buffer {
  const [title, rest] = split(shipped)
  const hash = createHash('sha256').update(rest).digest('hex')
  return Buffer.concat([Buffer.from(`${title}, sha256 of the rest: ${hash}`, 'latin1'), rest])
}

/** Whether it is some version of the same file that nobody has touched. */
function isAsWeWrote(old: Buffer, current: Buffer): boolean {
  const [[title, rest], [ours]] = [split(old), split(current)]
  const bare = title.replace(SEAL, '')
  return bare === ours.replace(SEAL, '') && sealed(Buffer.concat([Buffer.from(bare, 'latin1'), rest])).equals(old)
}

/** The first line, and all from its end on. */
function split(content: Buffer): [string, Buffer] {
  const end = content.indexOf('\n')
  return [content.toString('latin1', 0, end), content.subarray(end)]
}
