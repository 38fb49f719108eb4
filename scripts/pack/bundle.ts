import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROGRAM_NAMES, type ProgramName, programFile } from '@p2p-secure-chat/core/installation'
import { build, type BuildOptions, type Plugin } from 'esbuild'

/** A library that was bundled. */
export interface Library {
  readonly name: string
  readonly version: string
  /** As its package names it, an SPDX expression. */
  readonly license: string
  /** The whole text of its licence. */
  readonly text: string
}

/** Modules of CommonJS among the libraries call require() for what Node.js itself has; a module of ours has none. */
const REQUIRE = `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)`

/** commander can start subcommands as processes. We have none, and Node.js takes 4 ms to load what that needs. */
const WITHOUT_CHILD_PROCESS: Plugin = {
  name: 'without-child-process',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      importer.includes('/commander/') ? { path: 'nothing', namespace: 'nothing' } : undefined,
    )
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {}' }))
  },
}

const OPTIONS = {
  bundle: true,
  // Names stay, for stack traces. Comments and blanks would be a third of what Node.js has to read at every start.
  minifyWhitespace: true,
  minifySyntax: true,
  plugins: [WITHOUT_CHILD_PROCESS],
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // The one of the checkout leads to sources, which would come beside what was built from them.
  tsconfigRaw: {},
  banner: { js: REQUIRE },
  logLevel: 'warning',
} as const satisfies BuildOptions

const defined = (version: string) => ({ PACKED_VERSION: JSON.stringify(version) })

/**
 * Bundles what `tsc` built, one file for each program: Node.js takes longer to find and link a hundred modules than to read
 * one that has all of them.
 *
 * @param root of the checkout
 * @param folder for the modules; made here
 * @param version what the programs call themselves
 * @returns the libraries of which something was bundled, by name
 */
export async function bundle(root: string, folder: string, version: string): Promise<readonly Library[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAM_NAMES.filter(name => moduleOf(name) === name).map(name => ({
      in: programFile(name),
      out: name,
    })),
    outdir: folder,
    ...OPTIONS,
    define: defined(version),
    metafile: true,
  })
  // Some inputs come to nothing, since nobody uses what they export.
  const inputs = Object.values(metafile.outputs).flatMap(output =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  )
  const folders = new Set(inputs.flatMap(path => libraryFolder(path) ?? []))
  return [...folders].map(path => readLibrary(join(root, path))).sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Bundles a module of this folder that works as if it were installed, and runs it. @param args its arguments */
export async function runAsInstalled(module: string, version: string, args: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pack-run-'))
  try {
    const entry = fileURLToPath(new URL(module, import.meta.url))
    await build({ ...OPTIONS, entryPoints: [{ in: entry, out: 'run' }], outdir: folder, define: defined(version) })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    execFileSync(process.execPath, [join(folder, 'run.js'), ...args], { stdio: 'inherit' })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The module of a program. One that has several names is bundled under the first. */
export function moduleOf(program: ProgramName): ProgramName {
  return PROGRAM_NAMES.find(name => programFile(name) === programFile(program)) ?? program
}

/** The folder of the library that a bundled file belongs to; null if it is ours. */
function libraryFolder(path: string): string | null {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null
}

/** @throws {Error} if the library says nothing of its licence */
function readLibrary(folder: string): Library {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find(entry => /^licen[cs]e/i.test(entry))
  if (typeof license !== 'string' || file === undefined) {
    throw new Error(`${name} ${version} is bundled, but its licence is not to be found in ${dirname(folder)}`)
  }
  return { name, version, license, text: readFileSync(join(folder, file), 'utf8') }
}
