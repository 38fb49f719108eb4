import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Bin, binPath, startBin } from '../../core/test/support/process.ts'
import { openScreen } from '../../core/test/support/screen/screen.ts'

const UP = '\x1b[A'
const CTRL_C = '\x03'
const CTRL_D = '\x04'

let server: Bin
let port: string

beforeAll(async () => {
  server = startBin('calc-server', ['--port', '0'])
  port = String((await server.listening()).port)
})

/** calc-client in a terminal of its own, once it asks. */
async function openPrompt(atPort = port, env: Record<string, string> = {}) {
  const args = [binPath('calc-client'), '--port', atPort]
  const screen = openScreen({ command: process.execPath, args, cols: 100, rows: 20, env })
  onTestFinished(() => screen.kill())
  await screen.until(rows => rows.at(-1) === '>')
  return screen
}

test('answers at the prompt, recalls with the up key, leaves with END', async () => {
  const screen = await openPrompt()
  expect(screen.lines()[0]).toContain('strictly left to right: 2 + 3 * 4 is 20; END or Ctrl-D leaves')
  screen.type('2 + 3 * 4\r')
  await screen.until(rows => rows.slice(1).join('|') === '> 2 + 3 * 4|20|>')
  screen.type('1 / 0\r')
  await screen.until(rows => rows.slice(4).join('|') === 'error: division by zero at column 5 (division-by-zero)|>')
  screen.type(`${UP}${UP} * 2\r`)
  await screen.until(rows => rows.slice(5).join('|') === '> 2 + 3 * 4 * 2|40|>')
  screen.type('\r')
  screen.type(' end\r')
  expect(await screen.exit).toBe(0)
})

test.each([
  ['Ctrl-D', CTRL_D],
  ['exit', 'exit\r'],
  ['Ctrl-C, which clears a line first, pressed twice', `1 +${CTRL_C}${CTRL_C}${CTRL_C}`],
])('%s leaves', async (_, key) => {
  const screen = await openPrompt()
  screen.type('1 + 1\r')
  await screen.until('\n2\n')
  screen.type(key)
  expect(await screen.exit).toBe(0)
})

test('several pasted lines are several expressions', async () => {
  const screen = await openPrompt()
  screen.type('\x1b[200~1 + 1\n2 * 3\x1b[201~\r')
  await screen.until(rows => rows.slice(2).join('|') === '2|6|>')
})

test('a server that ends is reported at once, and the terminal given back', async () => {
  const doomed = startBin('calc-server', ['--port', '0'])
  const screen = await openPrompt(String((await doomed.listening()).port))
  screen.type('1 +')
  await screen.until('> 1 +')
  doomed.kill('SIGTERM')
  expect(await screen.exit).toBe(1)
  expect(screen.lines().join('\n')).toContain('error: the server said goodbye (closed)')
  expect(screen.bracketedPaste()).toBe(false)
})
