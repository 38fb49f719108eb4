import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DATA_FOLDER_NAMES, dataFolder, PROGRAM_NAMES, VERSION } from '@p2p-secure-chat/core/installation'
import { billOfMaterials } from './bill-of-materials.ts'
import { bundle, type Library, moduleOf, runAsInstalled } from './bundle.ts'
import { launcher } from './launcher.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Where the package goes; git ignores it. */
export const OUTPUT = join(ROOT, 'pack')

const NAME = 'p2p-secure-chat'
const BILL = 'sbom.cdx.json'

/** What the package has besides its programs and their data, as it is in the checkout. */
const SHIPPED_AS_IS = ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE', 'captures', 'docs'] as const

/** What was asked of git. */
interface Commit {
  /** ISO 8601. */
  readonly time: string
  readonly isDirty: boolean
}

/**
 * Makes the package and its bill of materials. Two runs on one commit give the same bytes.
 *
 * @param options.dirty whether changes that are not committed may go in; the version then says so
 * @param options.out the folder for the two files
 * @returns the paths of the two files
 * @throws {Error} where the tree has such changes and they may not go in, or a step fails; then nothing is left behind
 */
export async function makePackage({ dirty, out }: { readonly dirty: boolean; readonly out: string }) {
  const { time, isDirty } = readCommit()
  if (isDirty && !dirty) {
    throw new Error(
      'the tree has changes that are not committed\n  commit them, or pack them all the same with --dirty',
    )
  }
  const version = isDirty ? `${VERSION}-dirty` : VERSION
  const folder = mkdtempSync(join(tmpdir(), 'pack-'))
  try {
    const libraries = await bundle(ROOT, join(folder, 'dist'), version)
    writePrograms(folder, version)
    for (const name of DATA_FOLDER_NAMES) cpSync(dataFolder(name), join(folder, name), { recursive: true })
    for (const name of SHIPPED_AS_IS) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    cpSync(join(ROOT, 'packages/aes-chat/examples'), join(folder, 'examples'), { recursive: true })
    await runAsInstalled('./write-texts.ts', version, [folder, time.slice(0, 'YYYY-MM-DD'.length)])
    writeFileSync(join(folder, 'LICENSES-OF-LIBRARIES.md'), licencesOf(libraries))
    const description = writeDescription(folder, version)
    const bill = billOfMaterials(description, libraries, time, digestOf(folder))
    writeFileSync(join(folder, BILL), bill)
    mkdirSync(out, { recursive: true })
    const packed = run('npm', 'pack', folder, '--json', '--pack-destination', out, '--loglevel=error')
    const [{ filename }]: [{ filename: string }] = JSON.parse(packed)
    const billFile = join(out, `${NAME}-${version}.cdx.json`)
    writeFileSync(billFile, bill)
    return [join(out, filename), billFile]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readCommit(): Commit {
  return {
    time: new Date(run('git', 'log', '-1', '--format=%cI').trim()).toISOString(),
    isDirty: run('git', 'status', '--porcelain').trim() !== '',
  }
}

/** @returns what it printed. @throws {Error} if it fails */
function run(command: string, ...args: readonly string[]): string {
  // On Windows npm is a script, which only a shell can start.
  const shell = process.platform === 'win32'
  return execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'inherit'] })
}

function writePrograms(folder: string, version: string): void {
  mkdirSync(join(folder, 'bin'))
  for (const name of PROGRAM_NAMES) {
    const path = join(folder, 'bin', `${name}.js`)
    writeFileSync(path, launcher(moduleOf(name), version))
    chmodSync(path, 0o755)
  }
}

/** Writes package.json. Nothing in it has to be installed or run, so that the package works without a network. */
function writeDescription(folder: string, version: string) {
  const { description, license, engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const commands = PROGRAM_NAMES.filter(name => name !== 'textbook')
  const whole = {
    name: NAME,
    version,
    description,
    keywords: ['chat', 'p2p', 'terminal', 'cli', 'diffie-hellman', 'aes', 'network-security', 'teaching', 'wireshark'],
    license,
    type: 'module',
    engines,
    bin: Object.fromEntries(commands.map(name => [name, `bin/${name}.js`])),
    man: readdirSync(join(folder, 'man'))
      .map(page => `man/${page}`)
      .sort(),
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(whole, null, 2)}\n`)
  return whole
}

function licencesOf(libraries: readonly Library[]): string {
  const parts = libraries.map(
    ({ name, version, license, text }) => `## ${name} ${version} (${license})\n\n${text.trim()}\n`,
  )
  return ['# Licences of the libraries in this package\n', ...parts].join('\n')
}

/** SHA-256 over the names and contents of all files, in hexadecimal. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
    const content = readFileSync(path)
    hash.update(`${path.slice(folder.length)} ${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}
