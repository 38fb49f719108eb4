import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIELDS } from '../../src/dissect/field.ts'
import { explain, situationOf } from '../../src/page/explain.ts'
import type { Situation } from '../../src/page/lesson.ts'
import { LESSONS } from '../../src/page/lessons.ts'

const protocol = readFileSync(new URL('../../../../docs/protocol.md', import.meta.url), 'utf8')
const SITUATIONS: Situation[] = ['plain', 'handshake', 'keystream', 'sealed']
const names = Object.keys(LESSONS)
const lessons = Object.values(LESSONS).flatMap(lesson => [lesson, ...Object.values(lesson.in ?? {})])

test('lessons are about fields that there are; a field without one is explained by its title', () => {
  expect(names.filter(name => !Object.hasOwn(FIELDS, name))).toEqual([])
  expect(explain('no.such.field', null, 'plain').what).toBe('no.such.field: a field of this message.')
})

test.each(names)('%s says what it is, why it is there, and what follows if it is changed, wherever it stands', name => {
  for (const message of [null, ...Object.keys(LESSONS[name]?.in ?? {})]) {
    for (const situation of SITUATIONS) {
      const { what, why, ifChanged } = explain(name, message, situation)
      for (const text of [what, why, ifChanged]) expect(text).toMatch(/^[A-Z\d].{8,}\.$/)
    }
  }
})

test('lessons name only messages and error codes that the protocol has', () => {
  const messages = new Set([...protocol.matchAll(/^\| 0x\w\w \| (\w+) \|/gm)].map(([, name]) => name))
  const codes = new Set([...protocol.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code))
  expect(messages.size).toBeGreaterThan(30)
  for (const lesson of Object.values(LESSONS)) {
    for (const message of Object.keys(lesson.in ?? {})) expect(messages).toContain(message)
  }
  for (const lesson of lessons) {
    const words = Object.values(lesson)
      .filter(value => typeof value === 'string')
      .join(' ')
    for (const [code] of words.matchAll(/\b(?:bad|wrong|unknown|unexpected|key|too|no|session)-[a-z-]+\b/g)) {
      expect(codes).toContain(code)
    }
  }
})

test.each([
  ['calc/1', 'EVALUATE', false, 'plain'],
  ['directory/1', 'CARD', false, 'plain'],
  ['peer-basic/1', 'TEXT', false, 'plain'],
  ['legacy-peer', 'legacy record', false, 'plain'],
  [null, 'HELLO', false, 'plain'],
  ['peer-dh/1', 'OFFER', false, 'handshake'],
  ['peer-aes/1', 'IDENTITY', true, 'handshake'],
  ['peer-dh/1', 'RECORD', false, 'keystream'],
  ['peer-dh/1', 'RECORD', true, 'keystream'],
  ['peer-aes/1', 'RECORD', false, 'sealed'],
  ['peer-aes/1', 'RECORD', true, 'sealed'],
] as const)('on %s, %s (opened: %s) is %s', (spoken, message, inside, situation) => {
  expect(situationOf(spoken, message, inside)).toBe(situation)
})

test('a changed text is read on the rungs below, and ends the session on the aes rung', () => {
  expect(explain('text', 'TEXT', 'plain').ifChanged).toContain('reads forged words')
  expect(explain('text', 'TEXT', 'keystream').ifChanged).toMatch(/same bit of the text flips.*neither side notices/s)
  expect(explain('text', 'TEXT', 'sealed').ifChanged).toContain('bad-record')
})

test('what is computed is never said to be under a tag', () => {
  for (const situation of SITUATIONS) {
    expect(explain('record.sequence', null, situation).ifChanged).toContain('not on the wire')
  }
})
