import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { expect, test } from 'vitest'
import { EVALUATE, evaluateMessage, readEvaluate, readResult, resultMessage } from '../src/messages.ts'

const text = ({ body }: Message) => Buffer.from(body).toString()
const message = (type: number, body: unknown): Message => ({ type, body: Buffer.from(JSON.stringify(body)) })

function codeOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    if (error instanceof ChatError) return error.code
    throw error
  }
  return 'accepted'
}

test('a question and its answers are legible JSON', () => {
  expect([evaluateMessage(7, '2 + 3 * 4').type, text(evaluateMessage(7, '2 + 3 * 4'))]).toEqual([
    0x10,
    '{"id":7,"expression":"2 + 3 * 4"}',
  ])
  expect([resultMessage(7, { result: '20' }).type, text(resultMessage(7, { result: '20' }))]).toEqual([
    0x11,
    '{"id":7,"result":"20"}',
  ])
  const error = { code: 'division-by-zero', message: 'division by zero at column 5', column: 5 } as const
  expect(text(resultMessage(8, { error }))).toBe(
    '{"id":8,"error":{"code":"division-by-zero","message":"division by zero at column 5","column":5}}',
  )
})

test('what is written is read', () => {
  expect(readEvaluate(evaluateMessage(0, '½ "\\\n😀'))).toEqual({ id: 0, expression: '½ "\\\n😀' })
  expect(readResult(resultMessage(3, { result: '-0.5' }))).toEqual({ id: 3, evaluation: { result: '-0.5' } })
  const error = { code: 'syntax', message: 'at column 1', column: 1 } as const
  expect(readResult(resultMessage(3, { error }))).toEqual({ id: 3, evaluation: { error } })
})

test('fields that nobody knows are ignored', () => {
  expect(readEvaluate(message(0x10, { id: 1, expression: '2', mood: 'fine' }))).toEqual({ id: 1, expression: '2' })
  expect(readResult(message(0x11, { id: 1, result: '2', mood: 'fine' }))).toEqual({
    id: 1,
    evaluation: { result: '2' },
  })
})

test.each([
  [{ expression: '1' }],
  [{ id: -1, expression: '1' }],
  [{ id: 1.5, expression: '1' }],
  [{ id: '1', expression: '1' }],
  [{ id: 2 ** 53, expression: '1' }],
  [{ id: null, expression: '1' }],
  [{ id: 1 }],
  [{ id: 1, expression: 1 }],
  [{ id: 1, expression: ['1'] }],
  [[]],
  [null],
  ['text'],
])('%j is no question', body => {
  expect(codeOf(() => readEvaluate(message(0x10, body)))).toBe('bad-message')
})

test.each([
  [{ id: 1, result: '1e5' }],
  [{ id: 1, result: 20 }],
  [{ id: 1, result: '\u001b[2J' }],
  [{ id: 1, result: '1\n2' }],
  [{ id: 1, result: 'NaN' }],
  [{ id: 1 }],
  [{ result: '1' }],
  [{ id: 1, error: { code: 'syntax', message: 'at column 1' } }],
  [{ id: 1, error: { code: 'syntax', message: 'at column 0', column: 0 } }],
  [{ id: 1, error: { code: 'key-changed', message: 'at column 1', column: 1 } }],
])('%j is no answer', body => {
  expect(codeOf(() => readResult(message(0x11, body)))).toBe('bad-message')
})

test('the other side speaks out of turn, or reports an error', () => {
  expect(codeOf(() => readEvaluate(message(0x11, { id: 1, result: '1' })))).toBe('unexpected-message')
  expect(codeOf(() => readResult(message(0x10, { id: 1, expression: '1' })))).toBe('unexpected-message')
  expect(codeOf(() => readResult(message(0x02, { code: 'too-many', message: 'full' })))).toBe('too-many')
})

test('an expression has to fit into its message, whatever its characters need', () => {
  const envelope = evaluateMessage(0, '').body.length
  expect(evaluateMessage(0, '1'.repeat(EVALUATE.limit - envelope)).body.length).toBe(EVALUATE.limit)
  expect(codeOf(() => evaluateMessage(0, '1'.repeat(EVALUATE.limit - envelope + 1)))).toBe('too-large')
  expect(codeOf(() => evaluateMessage(0, '\u0001'.repeat(12_000)))).toBe('too-large')
})

test('the longest answers are short', () => {
  const id = Number.MAX_SAFE_INTEGER
  expect(resultMessage(id, { result: `-0.${'9'.repeat(1_000)}` }).body.length).toBeLessThan(2_048)
})
