import { expect, test } from 'vitest'
import { interruptKey } from '../../src/input/interrupt-key.ts'

function atLine() {
  const editor = { text: '', replace: (text: string) => void (editor.text = text) }
  const told: string[] = []
  const clock = { time: 0 }
  const calls: string[] = []
  const press = interruptKey({
    editor: () => editor,
    stop: () => calls.pop() !== undefined,
    say: () => void told.push('again?'),
    leave: () => void told.push('left'),
    now: () => clock.time,
  })
  return { editor, told, clock, calls, press }
}

test('the second press leaves, if it comes within two seconds', () => {
  const { told, clock, press } = atLine()
  press()
  clock.time = 2_001
  press()
  clock.time += 2_000
  press()
  expect(told).toEqual(['again?', 'again?', 'left'])
  press()
  expect(told.at(-1)).toBe('again?')
})

test('a line is cleared, and that is no first press', () => {
  const { editor, told, press } = atLine()
  press()
  editor.text = 'a line'
  press()
  expect([editor.text, told]).toEqual(['', ['again?']])
  press()
  expect(told).toEqual(['again?', 'again?'])
})

test('what is under way is stopped first, and that is no first press', () => {
  const { editor, told, calls, press } = atLine()
  press()
  calls.push('bob', 'carol')
  editor.text = 'a line'
  press()
  expect([editor.text, calls]).toEqual(['', ['bob', 'carol']])
  press()
  press()
  expect([calls, told]).toEqual([[], ['again?']])
  press()
  expect(told).toEqual(['again?', 'again?'])
})
