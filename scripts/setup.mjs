// Installs the dependencies with the pinned pnpm when their list changed, then builds what changed.
// Every root script calls it first, so a fresh clone needs no other command; its own output goes to
// stderr, because stdout belongs to the tool that follows.
import { execSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const PNPM = 'pnpm@12.21.0'
const STAMP = 'node_modules/.setup-stamp'

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))))

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `error: Node ${process.versions.node} is too old (node-version)\n  install Node 20.19 or later: https://nodejs.org`,
  )
  process.exit(2)
}

const inputs = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'].concat(
  readdirSync('packages').map(name => `packages/${name}/package.json`),
)
const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${PNPM}`)
for (const file of inputs.filter(file => existsSync(file))) hash.update(file).update(readFileSync(file))
const wanted = hash.digest('hex')

function run(command) {
  try {
    execSync(command, { stdio: ['ignore', 2, 2] })
  } catch {
    console.error(`error: set-up failed at: ${command} (setup)\n  the lines above say why; nothing else was started`)
    process.exit(1)
  }
}

if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
  console.error('Setting up: installing the dependencies (once) ...')
  run(`npx --yes ${PNPM} install --frozen-lockfile --reporter=append-only --loglevel=warn`)
  writeFileSync(STAMP, wanted)
}
run('node_modules/.bin/tsc -b')
