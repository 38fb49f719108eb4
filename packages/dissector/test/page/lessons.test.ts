import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIELDS } from '../../src/message/field.ts'
import { explain, LESSONS, lessonsIn, type Situation, situationOf } from '../../src/page/lessons.ts'

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

const SOUND = '## length\n- what: A.\n- why: B.\n- changed: C.\n'

test('a lesson has its texts, and others for some messages; comments and headings of groups are passed over', () => {
  const part = '### in TEXT, RECEIPT\n- computed\n- what: D: E.\n- why: F.\n- changed: G.\n'
  const own = { computed: true, what: 'D: E.', why: 'F.', changed: 'G.' }
  const length = { what: 'A.', why: 'B.', changed: 'C.', in: { TEXT: own, RECEIPT: own } }
  expect(lessonsIn(`<!--\n- what\n-->\n# Frames\n\n${SOUND}\n${part}`)).toEqual({ length })
})

test.each([
  ['## lenght', 1, 'no field is named lenght'],
  [`${SOUND}## length`, 5, 'length has a lesson already'],
  ['- what: A.', 1, 'neither a heading nor a line such as "- why: words"'],
  ['<!--\n-->\n### in TEXT', 3, 'neither a heading'],
  [`${SOUND}and so on`, 5, 'neither a heading'],
  [`${SOUND}- how: D.`, 5, 'how is not one of what, why, changed, handshake, keystream, sealed'],
  [`${SOUND}- why: D.`, 5, 'this lesson has its why already'],
  ['\n## type\n- what: A.\n- changed: C.', 2, 'the lesson that begins here has no line "- why: words"'],
  [`${SOUND}### in TEXT\n- what: D.`, 5, 'the lesson that begins here has no line "- why: words"'],
])('%j: a mistake in line %i is one clear error', (text, line, what) => {
  expect(() => lessonsIn(text)).toThrow(
    expect.objectContaining({
      code: 'unreadable',
      message: expect.stringContaining(`page/lessons.md, line ${line}: ${what}`),
    }),
  )
})
