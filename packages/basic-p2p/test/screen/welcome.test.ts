import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ChatEvent } from '../../src/chat/chat-event.ts'
import { welcome } from '../../src/screen/welcome.ts'

type Ready = Extract<ChatEvent, { event: 'ready' }>

const plain = { bold: (text: string) => text, dim: (text: string) => text, red: (text: string) => text }
const ready: Ready = {
  event: 'ready',
  name: 'alice',
  listen: '127.0.0.1:40123',
  directory: '127.0.0.1:10001',
  protocol: 'peer-aes/1',
  confidential: true,
  integrity: true,
  fingerprint: 'A'.repeat(43),
  notices: [],
}
const rows = (event: Ready, columns = 80) => welcome(event, columns, plain).split('\n')

test('it claims what the upgrade has, and never more', () => {
  const some = fc.record({
    confidential: fc.boolean(),
    integrity: fc.boolean(),
    fingerprint: fc.constantFrom(null, 'B'.repeat(43)),
  })
  fc.assert(
    fc.property(some, facts => {
      const text = rows({ ...ready, ...facts }).join('\n')
      expect(text.includes('NOT PRIVATE')).toBe(!facts.confidential)
      expect(text.includes('nobody on the path can read')).toBe(facts.confidential)
      expect(text.includes('NOT AUTHENTIC')).toBe(!facts.integrity)
      expect(text.includes('unnoticed')).toBe(facts.integrity)
      expect(text.includes('NOT PROVED')).toBe(facts.fingerprint === null)
      expect(text.includes(`your key    ${facts.fingerprint}`)).toBe(facts.fingerprint !== null)
    }),
  )
})

test('it says where calls are taken, and how far that reaches', () => {
  expect(rows(ready)).toContain('  calls       at 127.0.0.1:40123, from this machine only')
  expect(rows({ ...ready, listen: '[::1]:40123' })).toContain('  calls       at [::1]:40123, from this machine only')
  expect(rows({ ...ready, listen: '0.0.0.0:40123' })).toContain('  calls       at 0.0.0.0:40123')
  expect(rows({ ...ready, listen: null })).toContain('  calls       none accepted')
})

test('at any width its rows fit, and nothing is missing', () => {
  const letters = (text: string) => text.replaceAll(/\s/g, '')
  const events = [ready, { ...ready, name: 'a'.repeat(32), directory: `${'h'.repeat(250)}:10001`, integrity: false }]
  fc.assert(
    fc.property(fc.constantFrom(...events), fc.integer({ min: 20, max: 200 }), (event, columns) => {
      const shown = rows(event, columns)
      expect(Math.max(...shown.map(row => row.length))).toBeLessThan(columns)
      for (const part of [event.name, event.listen, event.directory, event.fingerprint]) {
        expect(letters(shown.join(''))).toContain(part)
      }
      expect(letters(shown.join(''))).toContain('/helplistsallcommands')
    }),
  )
})

test('what lies open is said, and can do nothing to the terminal', () => {
  expect(rows({ ...ready, notices: ['the keys go into \u001b[2Jfile'] })).toContain(
    '  note        the keys go into ␛[2Jfile',
  )
})

test('80 columns are enough for one row each', () => {
  const shown = rows({ ...ready, name: 'a'.repeat(32), integrity: false })
  expect(shown.filter(row => row !== '')).toHaveLength(7)
  expect(shown).toContain('  /chat NAME calls somebody, /who lists who is online, /help lists all commands')
})
