import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { TABLE_FILES, withTables } from '../support/wire-tables.ts'

test.each(TABLE_FILES.map(file => [basename(file.path), file] as const))(
  'the tables of %s are those of the descriptions (npm run wire-tables writes them)',
  (_, file) => {
    const text = readFileSync(file.path, 'utf8')
    expect(withTables(text, file)).toBe(text)
  },
)
