import { existsSync, readdirSync, statSync } from 'node:fs'

/**
 * Says how far the set-up is: the hash of what is installed, then, if the build succeeded, the sources that it had and
 * the programs that came of them.
 */
export const STAMP = 'node_modules/.setup-stamp'

/** The folders of the packages, from the root. */
export const packages = () => readdirSync('packages').map(name => `packages/${name}`)

/** The files that decide which dependencies are installed. */
export function dependencyLists() {
  const manifests = packages().map(folder => `${folder}/package.json`)
  return [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'scripts/pnpm/package-lock.json',
    ...manifests,
  ].filter(path => existsSync(path))
}

/**
 * Everything that the build follows from, one file per line, as the file system describes it. Any difference means that
 * something may have changed, even an older time: that of a file which `git checkout` brought back.
 */
export function stateOfSources() {
  const settings = ['tsconfig.json', 'tsconfig.base.json', ...packages().map(folder => `${folder}/tsconfig.json`)]
  const sources = packages().flatMap(folder => filesIn(`${folder}/src`))
  const files = [...dependencyLists(), ...settings, ...sources].map(path => {
    // The change time tells of a file that was replaced by one of the same size and age.
    const { size, mtimeMs, ctimeMs } = statSync(path)
    return `${path} ${size} ${mtimeMs} ${ctimeMs}`
  })
  return [`${process.platform} ${process.arch}`, ...files].join('\n')
}

/** The modules that are built, one per line. */
export function builtModules() {
  return packages()
    .flatMap(folder => filesIn(`${folder}/dist`))
    .filter(path => path.endsWith('.js'))
    .join('\n')
}

/**
 * The paths of the files in a folder and below; none if it is not there. Hidden ones are left out: tsc ignores them too,
 * and editors put theirs beside a source.
 */
export function filesIn(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (entry.name.startsWith('.')) return []
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesIn(path) : [path]
  })
}
