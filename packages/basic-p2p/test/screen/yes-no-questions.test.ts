import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { yesNoQuestions } from '../../src/screen/yes-no-questions.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A line that is typed into, without a terminal. */
function atLine(text = '') {
  const editor = {
    text,
    replace: (next: string) => void (editor.text = next),
  }
  const answers: string[] = []
  const said: string[] = []
  const questions = yesNoQuestions({
    editor: () => editor,
    say: line => void said.push(line),
    onRefused: question => void said.push(`${question} no`),
    onChange: () => undefined,
  })
  return {
    editor,
    said,
    answers,
    questions,
    ask: (words: string) => void questions.ask(words).then(yes => answers.push(`${words} ${yes}`)),
    /** Enter, as an editor does it. */
    enter(line: string) {
      editor.text = ''
      return questions.enter(line)
    },
    appear: () => vi.advanceTimersByTimeAsync(500),
  }
}

test.each([
  ['y', true],
  [' YES ', true],
  ['n', false],
  ['No', false],
])('%j is an answer, and the line is as it was', async (line, yes) => {
  const { ask, appear, enter, questions, editor, answers } = atLine('half a')
  ask('Sure?')
  expect(questions.prompt).toBeNull()
  await appear()
  expect([questions.prompt, editor.text]).toEqual(['Sure?\nyes or no? ', ''])
  expect(enter(line)).toBe(true)
  await appear()
  expect([answers, questions.prompt, editor.text]).toEqual([[`Sure? ${yes}`], null, 'half a'])
  expect(enter('a text')).toBe(false)
})

test('what is no answer is asked again, goes nowhere, and stands in the line afterwards', async () => {
  const { ask, appear, enter, editor, said, answers } = atLine('hello ')
  ask('Sure?')
  await appear()
  for (const line of ['bob, how are you?', '', 'yes please']) expect(enter(line)).toBe(true)
  expect(said).toEqual(Array.from({ length: 3 }, () => 'please answer yes or no'))
  enter('yes')
  await appear()
  expect([answers, editor.text]).toEqual([['Sure? true'], 'hello bob, how are you?\nyes please'])
})

test('at an empty line it appears at once', async () => {
  const { ask, questions } = atLine()
  ask('Sure?')
  await vi.advanceTimersByTimeAsync(50)
  expect(questions.prompt).toBe('Sure?\nyes or no? ')
})

test.each([
  ['the line is not empty', ''],
  ['one was just entered', 'a text'],
])('where %s it waits until nothing was typed for half a second', async (_, line) => {
  const { ask, enter, questions, editor, answers } = atLine('y')
  if (line !== '') expect(enter(line)).toBe(false)
  await vi.advanceTimersByTimeAsync(100)
  ask('Sure?')
  for (const text of ['ye', 'yes']) {
    await vi.advanceTimersByTimeAsync(150)
    expect(questions.prompt).toBeNull()
    editor.text = text
  }
  await vi.advanceTimersByTimeAsync(100)
  expect(enter('yes')).toBe(true)
  await vi.advanceTimersByTimeAsync(499)
  expect([questions.prompt, answers]).toEqual([null, []])
  await vi.advanceTimersByTimeAsync(501)
  expect(questions.prompt).toContain('Sure?')
  expect(questions.refuse()).toBe(true)
  await vi.advanceTimersByTimeAsync(0)
  expect([answers, editor.text]).toEqual([['Sure? false'], 'yes'])
  expect(questions.refuse()).toBe(false)
})

test('of two questions the second waits for the first; at the end all are a no', async () => {
  const { ask, appear, enter, questions, answers } = atLine()
  for (const words of ['one?', 'two?', 'three?']) ask(words)
  await appear()
  expect(questions.prompt).toContain('one?')
  enter('y')
  await vi.advanceTimersByTimeAsync(499)
  expect(questions.prompt).toBeNull()
  await vi.advanceTimersByTimeAsync(1)
  expect(questions.prompt).toContain('two?')
  questions.close()
  await appear()
  expect(answers).toEqual(['one? true', 'two? false', 'three? false'])
})
