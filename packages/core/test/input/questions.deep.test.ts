// oxlint-disable no-control-regex -- escape sequences begin with a control character
import { fileURLToPath } from 'node:url'
import pty from '@lydell/node-pty'
import { expect, onTestFinished, test } from 'vitest'
import { openScreen, type Screen } from '../support/screen/screen.ts'

const program = fileURLToPath(new URL('../support/demos/questions-demo.ts', import.meta.url))

function demo(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Screen {
  const screen = openScreen({
    command: process.execPath,
    args: ['--import', 'tsx', program, ...args],
    env,
  })
  onTestFinished(() => screen.kill())
  return screen
}

test('an answer that will not do keeps the question; a secret is not seen; Enter is a yes', async () => {
  const screen = demo()
  await screen.until('? A word? (yes)')
  screen.type('two words\r')
  await screen.until('> one word alone')
  screen.type('\u0015three\r')
  await screen.until('? A secret?')
  screen.type('hush\r')
  await screen.until('? Is that so? (Y/n)')
  expect(screen.lines()).toContain('✔ A secret? ****')
  expect(screen.lines().join('\n')).not.toContain('hush')
  screen.type('\r')
  await screen.until('? Which way?')
  screen.type('\r')
  await screen.until('{"text":"three","secret":"hush","yes":true,"way":"left"}')
})

test('Enter takes the suggestion, a secret may be empty, and no is no', async () => {
  const screen = demo()
  await screen.until('? A word? (yes)')
  screen.type('\r')
  await screen.until('? A secret?')
  screen.type('\r')
  await screen.until('? Is that so? (Y/n)')
  screen.type('n\r')
  await screen.until('? Which way?')
  screen.type('\r')
  await screen.until('{"text":"yes","secret":"","yes":false,"way":"left"}')
})

test.each([
  ['drawn', []],
  ['plain', ['--plain']],
  ['drawn by a busy process', ['--busy']],
  ['plain in a busy process', ['--plain', '--busy']],
])('what was typed before a question could be seen is no answer to it, %s', async (_, args) => {
  const screen = demo({}, args)
  screen.type('early\r\r\r')
  await screen.until('A word? (yes)')
  screen.type('three\r')
  await screen.until(rows => rows.some(row => row.includes('A secret?')))
  screen.type('hush\r')
  await screen.until('Is that so? (Y/n)')
  screen.type('n\r')
  await screen.until('Which way?')
  screen.type(args.includes('--plain') ? 'left\r' : '\r')
  await screen.until('{"text":"three","secret":"hush","yes":false,"way":"left"}')
})

test.each([
  ['its first letter', 'r'],
  ['the arrow', '\u001b[B'],
])('%s goes to an answer, and says what it means', async (_, key) => {
  const screen = demo()
  await screen.until('? A word?')
  for (const next of ['? A secret?', '? Is that so?', '? Which way?']) {
    screen.type('\r')
    await screen.until(next)
  }
  await screen.until('where the heart is')
  screen.type(key)
  await screen.until('where it is not')
  screen.type('\r')
  await screen.until('"way":"right"}')
  expect(screen.lines()).toContain('✔ Which way? right')
})

test.each([
  ['TERM=dumb', { TERM: 'dumb' }, []],
  ['--plain', {}, ['--plain']],
])('with %s they are lines of text, without one escape sequence', async (_, env, args) => {
  const screen = demo(env, args)
  await screen.until(rows => rows.at(-1) === 'A word? (yes)')
  screen.type('two words\r')
  await screen.until(rows => rows.slice(-2).join() === 'one word alone,A word? (yes)')
  screen.type('onee\u007f\r')
  await screen.until(rows => rows.at(-1) === 'A secret?')
  screen.type('hush\r')
  await screen.until('Is that so? (Y/n)')
  screen.type('maybe\r')
  await screen.until('please answer yes or no')
  screen.type('N\r')
  await screen.until('2. right: where it is not')
  screen.type('3\r')
  await screen.until('answer left, right, or 1 to 2')
  screen.type('r\r')
  await screen.until('{"text":"one","secret":"hush","yes":false,"way":"right"}')
  expect(await screen.exit).toBe(0)
  expect(screen.written().replace(/\{.*\}/, '')).not.toContain('hush')
  expect(screen.written()).not.toContain('\u001b')
})

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s leaves from each question, whatever else goes on', async (_, key) => {
  for (const answers of [[], ['\r'], ['\r', '\r'], ['\r', '\r', '\r']]) {
    const screen = demo()
    await screen.until('? A word?')
    for (const [i, answer] of answers.entries()) {
      screen.type(answer)
      await screen.until(['? A secret?', '? Is that so?', '? Which way?'][i] ?? '')
    }
    screen.type(key)
    expect(await screen.exit).toBe(130)
    expect(screen.lines().at(-1)).toBe('ended with 130')
    expect(screen.lines().join('\n')).not.toContain('Error')
  }
})

test.each([
  ['--color', {}, true],
  ['--no-color', {}, false],
  ['--color', { NO_COLOR: '1' }, false],
  ['--color', { TERM: 'dumb' }, false],
])('with %s and %j there are colours: %j', async (flag, env, coloured) => {
  // On a machine for CI, Node takes no terminal to have colours.
  const { CI: _, ...elsewhere } = process.env
  const child = pty.spawn(process.execPath, ['--import', 'tsx', program, flag], {
    env: { ...elsewhere, TERM: 'xterm-256color', ...env },
  })
  onTestFinished(() => child.kill())
  let output = ''
  await new Promise<void>(resolve => {
    child.onData(data => {
      output += data
      if (output.includes('A word?')) resolve()
    })
  })
  // oxlint-disable-next-line no-control-regex
  expect(/\u001b\[\d*m/.test(output)).toBe(coloured)
})
