import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runBin } from '../../packages/core/test/support/process.ts'
import { temporaryFolder } from '../../packages/dh-chat/test/support/chat-testbed.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

type Files = Readonly<Record<string, unknown>>

/** Writes files by their paths; what is not a text, as JSON. */
function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

/** In the place of pnpm: it installs a compiler that counts how often it is called. */
const PNPM = `import { mkdirSync, writeFileSync } from 'node:fs'
mkdirSync('node_modules/typescript/bin', { recursive: true })
writeFileSync('node_modules/typescript/bin/tsc', \`
  require('node:fs').appendFileSync('builds', 'x')
  import(\${JSON.stringify(${JSON.stringify(join(root, 'node_modules/typescript/bin/tsc'))})})
\`)`

/** Packs a folder into a file for npm, and describes it as a lock file does. */
function packed(folder: string, name: string) {
  const [{ filename, integrity } = { filename: '', integrity: '' }]: { filename: string; integrity: string }[] =
    JSON.parse(execFileSync('npm', ['pack', '--json', `./${name}`], { cwd: folder, encoding: 'utf8' }))
  renameSync(join(folder, filename), join(folder, `scripts/pnpm/${name}.tgz`))
  return { version: '1.0.0', resolved: `file:${name}.tgz`, integrity }
}

const PROGRAM = `@pnpm/exe.${process.platform}-${process.arch}`

/** A hash of something else. */
const OTHER = `sha512-${'A'.repeat(86)}==`

/** A checkout of one small package. Its pnpm is a file, as is the program that belongs to it; one hash may be wrong. */
function tinyCheckout(wrong?: 'pnpm' | 'program') {
  const folder = temporaryFolder()
  for (const part of ['setup.mjs', 'setup'])
    cpSync(join(root, 'scripts', part), join(folder, 'scripts', part), { recursive: true })
  write(folder, {
    'package.json': { name: 'tiny' },
    'tsconfig.json': { files: [], references: [{ path: 'packages/one' }] },
    'tsconfig.base.json': readFileSync(join(root, 'tsconfig.base.json'), 'utf8').replace('"node"', ''),
    'packages/one/package.json': { type: 'module' },
    'packages/one/tsconfig.json': {
      extends: '../../tsconfig.base.json',
      compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
      include: ['src'],
    },
    'packages/one/src/one.ts': 'export const one = 1\n',
    'packages/one/src/two.ts': 'export const two = 2\n',
    'pnpm/package.json': { name: 'pnpm', version: '1.0.0' },
    'pnpm/bin/pnpm.mjs': PNPM,
    'program/package.json': { name: PROGRAM, version: '1.0.0' },
    'scripts/pnpm/package.json': { dependencies: { pnpm: 'file:pnpm.tgz' } },
  })
  const [small, large] = [packed(folder, 'pnpm'), packed(folder, 'program')]
  write(folder, {
    'scripts/pnpm/package-lock.json': {
      lockfileVersion: 3,
      packages: {
        '': { dependencies: { pnpm: small.resolved } },
        [`node_modules/${PROGRAM}`]: { ...large, optional: true, ...(wrong === 'program' && { integrity: OTHER }) },
        'node_modules/pnpm': {
          ...small,
          optionalDependencies: { [PROGRAM]: large.resolved },
          ...(wrong === 'pnpm' && { integrity: OTHER }),
        },
      },
    },
  })
  return {
    folder,
    run: (env: Readonly<Record<string, string>> = {}) =>
      runBin(join(folder, 'scripts/setup.mjs'), [], { env: { npm_lifecycle_event: 'calc-client', ...env } }),
    builds: () => readFileSync(join(folder, 'builds'), 'utf8').length,
    output: (name: string) => join(folder, 'packages/one/dist', name),
    source: (name: string) => join(folder, 'packages/one/src', name),
  }
}

const silent = { code: 0, stdout: '', stderr: '' }

test('a set-up installs and builds once, then again what changed', async () => {
  const { folder, run, builds, output, source } = tinyCheckout()
  const first = await run()
  expect(first, first.stderr).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('Setting up: ') })
  expect(await run({ PATH: '' })).toEqual(silent)
  expect(builds()).toBe(1)
  const start = { npm_lifecycle_event: 'start', npm_config_loglevel: '' }
  expect(await run(start)).toEqual({ ...silent, stderr: expect.stringMatching(/^The tour: [^\n]*\n$/) })
  expect(await run({ ...start, npm_config_loglevel: 'silent' })).toEqual(silent)

  writeFileSync(source('one.ts'), 'export const one = 3\n')
  utimesSync(source('one.ts'), 1e9, 1e9)
  expect(await run()).toEqual(silent)
  expect(readFileSync(output('one.js'), 'utf8'), 'an older file is a change as well').toContain('one = 3')

  rmSync(source('two.ts'))
  expect(await run()).toEqual(silent)
  for (const name of ['two.js', 'two.d.ts', 'two.js.map']) expect(existsSync(output(name))).toBe(false)

  rmSync(output('one.js'))
  expect(await run()).toEqual(silent)
  expect(existsSync(output('one.js')), 'a module that was deleted comes back').toBe(true)

  writeFileSync(source('one.ts'), 'export const one: string = 3\n')
  for (const attempt of ['first', 'second']) {
    expect((await run()).stderr, attempt).toMatch(
      /error: set-up failed at: tsc -b \(setup\)\n {2}the lines above say why/,
    )
  }
  expect(builds()).toBe(6)
  expect(existsSync(join(folder, 'scripts/pnpm/node_modules/pnpm'))).toBe(true)
})

test.each([
  ['pnpm', /EINTEGRITY[^]*error: set-up failed at: npm ci \(setup\)\n/],
  [
    'program',
    /error: npm did not install node_modules\/@pnpm\/exe\..* with the hash in .*package-lock.json \(setup\)\n/,
  ],
] as const)('another hash of %s than the committed one stops the set-up before pnpm runs', async (wrong, error) => {
  const { folder, run } = tinyCheckout(wrong)
  const { code, stderr } = await run()
  expect(stderr).toMatch(error)
  expect(code).toBe(1)
  expect(existsSync(join(folder, 'node_modules'))).toBe(false)
})

test('the lock file of pnpm has a hash for everything and no address', () => {
  const { packages }: { packages: Record<string, { integrity?: string; resolved?: string }> } = JSON.parse(
    readFileSync(join(root, 'scripts/pnpm/package-lock.json'), 'utf8'),
  )
  const { '': _, ...installed } = packages
  expect(Object.keys(installed)).toContain('node_modules/pnpm')
  for (const { integrity, resolved } of Object.values(installed)) {
    expect(integrity).toMatch(/^sha512-/)
    expect(resolved).toBeUndefined()
  }
})
