import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Edit } from './protection.ts'

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url))

/** A copy of the built packages, in which every import of one of ours leads into the copy. */
export interface TestBuild {
  /** The folder with its packages. */
  readonly packages: string
  /**
   * Changes it for as long as something runs.
   *
   * @throws {Error} where the text of an edit does not stand in its file exactly once; then nothing runs
   */
  changed<T>(edits: readonly Edit[], run: () => Promise<T>): Promise<T>
  /** Removes it. */
  remove(): Promise<void>
}

/**
 * Copies what `tsc -b` built. No program of ours can be told to do without a protection: who wants that has to change
 * what was built, and here a copy of it is changed.
 */
export async function testBuild(): Promise<TestBuild> {
  const folder = await mkdtemp(join(tmpdir(), 'p2p-secure-chat-build-'))
  const packages = join(folder, 'packages')
  await Promise.all((await readdir(PACKAGES)).map(name => copyPackage(name, packages)))
  return {
    packages,
    async changed(edits, run) {
      const originals = new Map<string, string>()
      try {
        for (const edit of edits) {
          const file = join(packages, builtFile(edit.file))
          const text = await readFile(file, 'utf8')
          if (!originals.has(file)) originals.set(file, text)
          await writeFile(file, applied(edit, text))
        }
        return await run()
      } finally {
        for (const [file, text] of originals) await writeFile(file, text)
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

async function copyPackage(name: string, packages: string): Promise<void> {
  const [from, to] = [join(PACKAGES, name), join(packages, name)]
  const modules = join(to, 'node_modules')
  await mkdir(modules, { recursive: true })
  await cp(join(from, 'package.json'), join(to, 'package.json'))
  const needed = (await readdir(from)).filter(folder => WHAT_RUNS.has(folder))
  for (const folder of needed) await cp(join(from, folder), join(to, folder), { recursive: true, filter: isNeeded })
  for (const dependency of await readdir(join(from, 'node_modules'))) {
    // What others wrote is used where it lies; what is ours lies in this copy.
    const target = dependency === '@p2p-secure-chat' ? packages : join(from, 'node_modules', dependency)
    await symlink(target, join(modules, dependency))
  }
}

/** Folders of a package that its programs need. */
const WHAT_RUNS: ReadonlySet<string> = new Set(['dist', 'attacks', 'page', 'starters', 'wireshark'])

/** Types and maps are not, to run it. */
const isNeeded = (path: string) => !/\.(?:map|d\.ts|tsbuildinfo)$/.test(path)

/** What a source file becomes. */
const builtFile = (source: string) => source.replace('/src/', '/dist/').replace(/\.ts$/, '.js')

function applied({ file, text, by }: Edit, before: string): string {
  const pieces = before.split(text)
  const [start, end] = pieces
  if (start === undefined || end === undefined || pieces.length > 2) {
    throw new Error(
      `what is built of ${file} must have this exactly once, and has it ${pieces.length - 1} times: ${text}`,
    )
  }
  return start + by + end
}
