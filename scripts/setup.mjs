// Installs the dependencies when their list changed, and builds what changed. Every root script calls it first, so a
// fresh clone needs no other command. Its own output goes to stderr, because stdout belongs to the program that follows.
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { builtModules, STAMP, stateOfSources } from './setup/state.mjs'

/** What the two commands of a checkout do, said before they do it. */
const COMING = {
  start: 'The tour: one conversation on every rung, and what an eavesdropper sees of it (10 seconds).',
  test: 'The checks: types, lint, format, unused code, then the tests (5 minutes).',
}

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `error: Node ${process.versions.node} is too old (node-version)\n  install Node 20.19 or later: https://nodejs.org`,
  )
  process.exit(2)
}

if (!isDone()) {
  const { setUp } = await import('./setup/set-up.mjs')
  setUp()
}
const coming = COMING[process.env.npm_lifecycle_event]
if (coming !== undefined && process.env.npm_config_loglevel !== 'silent') console.error(coming)

function isDone() {
  try {
    const stamp = readFileSync(STAMP, 'utf8')
    return stamp.slice(stamp.indexOf('\n') + 1) === `${stateOfSources()}\n${builtModules()}`
  } catch (error) {
    if (error.code === 'ENOENT') return false
    throw error
  }
}
