import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { PROGRAM_NAMES, programFile } from '@p2p-secure-chat/core/installation'
import { build } from 'esbuild'

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

/**
 * Bundles what `tsc` built: one module for each program, and the parts that several share or that only some runs need.
 *
 * @param root of the checkout
 * @param folder for the modules; made here
 * @param version what the programs call themselves
 * @returns the libraries of which something was bundled, by name
 */
export async function bundle(root: string, folder: string, version: string): Promise<readonly Library[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: PROGRAM_NAMES.map(name => ({ in: programFile(name), out: name })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // The one of the checkout leads to sources, which would come beside what was built from them.
    tsconfigRaw: {},
    banner: { js: REQUIRE },
    define: { PACKED_VERSION: JSON.stringify(version) },
    metafile: true,
    logLevel: 'warning',
  })
  // Some inputs come to nothing, since nobody uses what they export.
  const inputs = Object.values(metafile.outputs).flatMap(output =>
    Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
  )
  const folders = new Set(inputs.flatMap(path => libraryFolder(path) ?? []))
  return [...folders].map(path => readLibrary(join(root, path))).sort((a, b) => (a.name < b.name ? -1 : 1))
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
