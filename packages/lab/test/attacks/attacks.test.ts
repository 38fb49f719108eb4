import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { startBin } from '../../../core/test/support/process.ts'
import { ATTACKS } from '../../src/attacks/attacks.ts'
import { cellsOf } from '../../src/matrix/cell.ts'

/** For all of them: twice what the slowest machine should need. */
const TIMEOUT = 180_000

interface Cell {
  readonly attack: string
  readonly rung: string
  readonly result: string | null
  readonly evidence: string
}

const played = new Map<string, Cell>()

beforeAll(async () => {
  const { stdout } = await startBin('chat-lab', ['matrix', '--json']).ended(TIMEOUT)
  for (const line of stdout.split('\n').slice(0, -1)) {
    const cell: Cell = JSON.parse(line)
    played.set(`${cell.attack} ${cell.rung}`, cell)
  }
}, TIMEOUT)

test.each(cellsOf(ATTACKS).map(({ attack, rung }) => [attack.name, rung, attack.against[rung].result] as const))(
  '%s against %s: %s',
  (attack, rung, result) => {
    const cell = played.get(`${attack} ${rung}`)
    expect(cell).toMatchObject({ result, evidence: cell?.evidence })
    expect(cell?.evidence).toMatch(/^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]{10,200}$/u)
  },
)

test('each attack has a file of its own that is called as it is', () => {
  const folder = fileURLToPath(new URL('../../src/attacks/', import.meta.url))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(file => file.replace(/^.*\//, ''))
  for (const { name } of ATTACKS) expect(files).toContain(`${name}.ts`)
  expect(new Set(ATTACKS.map(({ name }) => name)).size).toBe(ATTACKS.length)
})
