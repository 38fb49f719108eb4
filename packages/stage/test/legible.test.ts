import { expect, test } from 'vitest'
import { findLegible, isLegible } from '../src/legible.ts'

const WORDS = 'nine at the mill'

const sent = (stream: string | Buffer) => [{ from: 'dialler' as const, bytes: Buffer.from(stream) }]

test('words are found although they crossed in pieces, and are not found where they did not cross', () => {
  const passed = [
    { from: 'dialler' as const, bytes: Buffer.from('Come: nine at') },
    { from: 'listener' as const, bytes: Buffer.from('something else') },
    { from: 'dialler' as const, bytes: Buffer.from(' the mill.') },
  ]
  expect(findLegible(passed, WORDS)).toMatchObject({ from: 'dialler', how: 'as they are', at: 6, length: 16 })
  expect(isLegible(passed, 'ten at the mill')).toBe(false)
})

test.each([
  ['in UTF-16', Buffer.from(`at ${WORDS}`, 'utf16le')],
  ['in hex', Buffer.from(`at ${WORDS}`).toString('hex')],
  ['in hex', Buffer.from(`at ${WORDS}`).toString('hex').toUpperCase()],
  ['in base64', Buffer.from(`${WORDS}.`).toString('base64')],
  ['in base64', Buffer.from(`.${WORDS}.`).toString('base64')],
  ['in base64', Buffer.from(`..${WORDS}.`).toString('base64')],
] as const)('words are found %s', (how, stream) => {
  expect(findLegible(sent(stream), WORDS)?.how).toBe(how)
})

test('of words that are too short for it no base64 is looked for', () => {
  expect(isLegible(sent('x'), 'no')).toBe(false)
})
