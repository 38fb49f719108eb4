import { execFileSync, execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { builtModules, dependencyLists, filesIn, packages, STAMP, stateOfSources } from './state.mjs'

const TO_STDERR = { stdio: ['ignore', 2, 2] }

/** Does what is left to do of the set-up. Ends the process with 1 if something fails. */
export function setUp() {
  const wanted = hashOfDependencies()
  if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8').split('\n')[0] !== wanted) {
    console.error('Setting up: installing the dependencies and building (once, 20 seconds) ...')
    installDependencies()
  }
  // Without sources and programs until they belong together: the next run repeats a build that failed.
  writeFileSync(STAMP, wanted)
  const sources = stateOfSources()
  build()
  writeFileSync(STAMP, `${wanted}\n${sources}\n${builtModules()}`)
}

function hashOfDependencies() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`)
  for (const path of dependencyLists()) hash.update(path).update(readFileSync(path))
  return hash.digest('hex')
}

/**
 * Installs pnpm with npm, which compares it with the hashes in scripts/pnpm, and the dependencies with pnpm. pnpm is a
 * small package that belongs to a large one with the program for this platform. Where scripts/pnpm has no hash of that
 * one, the small one downloads it and verifies its signature with a key of its own.
 */
function installDependencies() {
  const folder = 'scripts/pnpm'
  run('npm ci', () =>
    // A shell, because on Windows npm is a script.
    execSync('npm ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error', {
      cwd: folder,
      stdio: ['ignore', 'ignore', 2],
    }),
  )
  const program = `node_modules/@pnpm/exe.${platform()}`
  const { packages: locked } = JSON.parse(readFileSync(`${folder}/package-lock.json`, 'utf8'))
  // npm passes over an optional package in silence, whatever was wrong with it.
  if (locked[program] !== undefined && !existsSync(`${folder}/${program}/package.json`)) {
    fail(
      `npm did not install ${program} with the hash in ${folder}/package-lock.json`,
      'check the network; if it works, do not use what the registry serves',
    )
  }
  const install = ['install', '--frozen-lockfile', '--reporter=append-only', '--loglevel=warn']
  run('pnpm install', () =>
    execFileSync(process.execPath, [`${folder}/node_modules/pnpm/bin/pnpm.mjs`, ...install], TO_STDERR),
  )
}

/** The platform as pnpm names it. */
function platform() {
  const { platform, arch, report } = process
  const musl = platform === 'linux' && report.getReport().header.glibcVersionRuntime === undefined
  return `${platform}-${arch}${musl ? '-musl' : ''}`
}

/**
 * Builds what changed. By itself tsc leaves the output of a deleted source, does not miss output that was deleted, and
 * takes a source that became older for the one it built.
 */
function build() {
  for (const folder of packages()) {
    const record = `${folder}/dist/.tsbuildinfo`
    const modules = filesIn(`${folder}/src`).filter(path => path.endsWith('.ts'))
    const sources = new Set(modules.map(path => path.slice(`${folder}/src/`.length, -'.ts'.length)))
    const built = new Set()
    for (const path of filesIn(`${folder}/dist`)) {
      const name = path.slice(`${folder}/dist/`.length).replace(/(\.d\.ts|\.js)(\.map)?$/, '')
      if (!sources.has(name)) rmSync(path)
      else if (path.endsWith('.js')) built.add(name)
    }
    if (built.size < sources.size) rmSync(record, { force: true })
    // Older than every source, so that tsc compares what is in them.
    if (existsSync(record)) utimesSync(record, 0, 0)
  }
  run('tsc -b', () => execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], TO_STDERR))
}

function run(name, command) {
  try {
    command()
  } catch {
    fail(`set-up failed at: ${name}`, 'the lines above say why; nothing else was started')
  }
}

function fail(what, hint) {
  console.error(`error: ${what} (setup)\n  ${hint}`)
  process.exit(1)
}
