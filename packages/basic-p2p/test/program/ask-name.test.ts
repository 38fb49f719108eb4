import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isName } from '../../src/directory/name.ts'
import { userName } from '../../src/program/ask-name.ts'

test.each([
  ['alice', 'alice'],
  ['Alice', 'alice'],
  ['José Álvarez', 'jose-alvarez'],
  ['CORP\\alice', 'corp-alice'],
  ['alice@example.com', 'alice-example.com'],
  ['_daemon', 'daemon'],
  ['alice$', 'alice'],
  ['a'.repeat(40), 'a'.repeat(32)],
  ['爱丽丝', null],
  ['', null],
])('the user %j is suggested as %j', (system, name) => {
  expect(userName(system)).toBe(name)
})

test('whatever the system says, what is suggested is a name', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), system => {
      const name = userName(system)
      expect(name === null || isName(name)).toBe(true)
    }),
  )
})
