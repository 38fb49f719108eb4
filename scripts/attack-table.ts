// Plays all attacks on all rungs and writes the results into docs/attacks.md. If one differs from its claim, the table
// stays as it is.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { FAMILIES } from '../packages/lab/src/attacks/attacks.ts'
import { attackTable, cellEvents, withAttackTable } from '../packages/lab/test/support/attack-table.ts'

const page = fileURLToPath(new URL('../docs/attacks.md', import.meta.url))

const { status, stdout } = spawnSync('chat-lab', ['matrix', '--json'], {
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
const events = cellEvents(stdout)
if (status === 0) writeFileSync(page, withAttackTable(readFileSync(page, 'utf8'), attackTable(FAMILIES, events)))
else {
  process.stdout.write(stdout)
  process.exitCode = 1
}
