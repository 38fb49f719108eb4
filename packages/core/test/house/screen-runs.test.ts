import { expect, onTestFinished, test } from 'vitest'
import { openScreen } from '../support/screen/screen.ts'

test('a row of a screen comes as runs of cells that look alike, each with its place', async () => {
  const text = '\\033[1mone\\033[0m two \\033[2;31mthree\\033[0m 🍵x'
  const screen = openScreen({ command: 'printf', args: [`${text}\n`] })
  onTestFinished(() => screen.kill())
  expect(await screen.exit).toBe(0)
  const plain = { colour: null, bold: false, dim: false }
  expect(screen.runs()).toEqual([
    [
      { ...plain, text: 'one', column: 0, bold: true },
      { ...plain, text: 'two', column: 4 },
      { text: 'three', column: 8, colour: 1, bold: false, dim: true },
      { ...plain, text: '🍵', column: 14 },
      { ...plain, text: 'x', column: 16 },
    ],
  ])
})
