import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { sortedNames } from '../../src/directory/sorted-names.ts'

const name = fc.stringMatching(/^[a-c0-1._-]{1,4}$/)
const byteOrder = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

test('a page is what sorting and filtering everything would give', () => {
  const change = fc.record({ name, removed: fc.boolean() })
  fc.assert(
    fc.property(
      fc.array(change),
      fc.option(name),
      fc.option(name),
      fc.integer({ min: 1, max: 5 }),
      (changes, p, a, limit) => {
        const prefix = p ?? ''
        const after = a ?? ''
        const names = sortedNames()
        const expected = new Set<string>()
        for (const change of changes) {
          names[change.removed ? 'remove' : 'add'](change.name)
          expected[change.removed ? 'delete' : 'add'](change.name)
        }
        const wanted = [...expected].toSorted(byteOrder).filter(name => name.startsWith(prefix) && name > after)
        expect(names.page(prefix, after, limit)).toEqual({ names: wanted.slice(0, limit), more: wanted.length > limit })
      },
    ),
  )
})
