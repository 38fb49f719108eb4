import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { FAMILIES } from '../../src/attacks/attacks.ts'
import { EXERCISES } from '../../src/exercise/exercises.ts'

const lab = fileURLToPath(new URL('../../', import.meta.url))

test('the package has the texts of the attacks and the starters of all scripts, and no solution', async () => {
  const { stdout } = await promisify(execFile)('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: lab })
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(stdout)
  const paths = files.map(({ path }) => path)
  expect(paths.filter(path => /solution|test/.test(path))).toEqual([])
  expect(paths.filter(path => path.startsWith('attacks/'))).toHaveLength(FAMILIES.length)
  for (const { script } of EXERCISES) {
    if (script !== null) expect(paths).toContain(`starters/${script}`)
  }
})
