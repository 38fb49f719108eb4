// Plays all attacks on all rungs and writes what came of them into README.md. Where one comes out other than claimed, the
// table stays as it is.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FAMILIES } from '../packages/lab/src/attacks/attacks.ts'
import { attackTable, cellEvents, withAttackTable } from '../packages/lab/test/support/attack-table.ts'

const readme = fileURLToPath(new URL('../README.md', import.meta.url))

const { status, stdout } = spawnSync('chat-lab', ['matrix', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
const events = cellEvents(stdout)
if (status === 0) writeFileSync(readme, withAttackTable(readFileSync(readme, 'utf8'), attackTable(FAMILIES, events)))
else {
  process.stdout.write(stdout)
  process.exitCode = 1
}
