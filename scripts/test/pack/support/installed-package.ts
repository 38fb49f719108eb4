import { execFile, type ExecFileOptions } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testLimit } from '../../../../packages/core/test/support/patience.ts'
import { afterPrograms, type BinOptions } from '../../../../packages/core/test/support/process.ts'

export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** Runs a command to its end. @throws {Error} with its exit code and all that it said, if that is not 0 */
export const run = (command: string, args: readonly string[], options: ExecFileOptions = {}) =>
  promisify(execFile)(command, args, { timeout: testLimit(), maxBuffer: 2 ** 26, ...options, encoding: 'utf8' })

/** A folder that is gone after the last test of the file. */
export function folderOfFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'packed-'))
  afterPrograms(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Makes a repository of one commit in a new folder, for `npm run pack` to find its time and its changes. */
export async function repository(): Promise<{ readonly folder: string; readonly env: NodeJS.ProcessEnv }> {
  const folder = folderOfFile()
  const env = { ...process.env, GIT_DIR: join(folder, '.git'), GIT_WORK_TREE: folder }
  const author = ['-c', 'user.name=alice', '-c', 'user.email=alice@example.org']
  await run('git', ['init', '--quiet', folder])
  const date = '2026-01-02T03:04:05Z'
  await run('git', [...author, 'commit', '--quiet', '--allow-empty', '--message', 'x', '--date', date], {
    env: { ...env, GIT_COMMITTER_DATE: date },
  })
  return { folder, env }
}

/** Makes the package of this tree as if all of it were committed there. @returns the paths of the package and its bill */
export async function pack(env: NodeJS.ProcessEnv, ...flags: readonly string[]): Promise<readonly [string, string]> {
  const out = folderOfFile()
  const args = ['--import', 'tsx', 'scripts/pack.ts', '--out', out, ...flags]
  const { stdout } = await run(process.execPath, args, { cwd: ROOT, env })
  const [tarball = '', bill = ''] = stdout.trim().split('\n')
  return [tarball, bill]
}

/** Runs a command in a network of its own that has a loopback and nothing else. */
export const ALONE = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const

/** The package, installed for one person on a machine without a network. */
export interface Installed {
  readonly tarball: string
  /** The folder of the package. */
  readonly folder: string
  /** An empty home, which is also where programs start. */
  readonly home: string
  /** For startBin() and runBin(). */
  readonly options: BinOptions & { readonly env: Readonly<Record<string, string>> }
}

/** Packs and installs, as `npm install --global` does, where there is nothing but Node.js and npm. */
export async function installPackage(): Promise<Installed> {
  const [tarball] = await pack((await repository()).env)
  return install(tarball)
}

async function install(tarball: string): Promise<Installed> {
  const place = folderOfFile()
  const [prefix, home] = [join(place, 'prefix'), join(place, 'home')]
  mkdirSync(home)
  const env = {
    HOME: home,
    XDG_DATA_HOME: '',
    PATH: [join(prefix, 'bin'), dirname(process.execPath), '/usr/sbin', '/usr/bin', '/sbin', '/bin'].join(delimiter),
    npm_config_update_notifier: 'false',
  }
  const npm = ['npm', 'install', '--global', '--prefix', prefix, tarball]
  await run(ALONE[0], [...ALONE.slice(1), ...npm], { env, cwd: home })
  const packages = join(prefix, 'lib', 'node_modules')
  return { tarball, home, folder: join(packages, 'p2p-secure-chat'), options: { packages, env, cwd: home } }
}
