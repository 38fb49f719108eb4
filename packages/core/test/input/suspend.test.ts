// oxlint-disable no-control-regex -- escape sequences begin with a control character
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'
import { expect, onTestFinished, test, vi } from 'vitest'
import { suspend } from '../../src/input/held-terminal.ts'
import { openScreen, type Screen } from '../support/screen/screen.ts'

const support = (file: string) => fileURLToPath(new URL(`support/${file}`, import.meta.url))
const LEFT = '\x1b[D'
const CTRL_C = '\x03'
const CTRL_Z = '\x1a'

interface Shell extends Screen {
  /** The process that the shell runs. */
  readonly pid: number
  /** Whether what is typed comes line by line, and is echoed, as a shell's children want it. */
  cooked(): boolean
}

/** A program run by a shell with job control, as people do. */
async function inShell(program: string, shown: string): Promise<Shell> {
  const server = createServer(socket => socket.resume()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise(resolve => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const screen = openScreen({
    command: 'bash',
    args: ['--norc', '-i'],
    cols: 200,
    rows: 40,
    env: { PS1: 'shell> ', DEMO_PORT: port },
  })
  onTestFinished(() => screen.kill())
  await screen.until('shell>')
  screen.type(
    `tty; sh -c 'echo "pid $$ "; exec "${process.execPath}" --import tsx "${support(program)}"'; echo "code $?"\r`,
  )
  await screen.until(shown)
  const [, pid] = /^pid (\d+)/m.exec(screen.lines().join('\n')) ?? []
  const [device = ''] = /\/dev\/\S+/.exec(screen.lines().slice(1).join('\n')) ?? []
  return {
    ...screen,
    pid: Number(pid),
    cooked: () => / icanon\b.* echo\b/s.test(spawnSync('stty', ['-a', '-F', device], { encoding: 'utf8' }).stdout),
  }
}

/** Has the shell continue what was stopped, at its prompt. */
async function continued(shell: Shell, times: number, shown: (rows: readonly string[]) => boolean): Promise<void> {
  await shell.until(rows => rows.filter(row => row.includes('Stopped')).length === times && rows.at(-1) === 'shell>')
  // Bash takes the terminal raw itself at its prompt, and a command that it runs sees what it would give a child.
  shell.type('stty -a | grep -c " icanon"; echo done\r')
  await shell.until(rows => rows.at(-2) === 'done' && rows.at(-3) === '1')
  shell.type('fg; echo "code $?"\r')
  await shell.until(shown)
}

test('Ctrl-Z stops the program, fg brings the line back as it was, with the modes of the terminal', async () => {
  const shell = await inShell('line-editor-demo.ts', 'me>')
  shell.type(`half line${LEFT.repeat(4)}${CTRL_Z}`)
  await continued(shell, 1, rows => rows.at(-1) === 'me> half line')
  expect(shell.bracketedPaste()).toBe(true)
  shell.type('a \r')
  await shell.until('entered "half a line"')
  await shell.until(rows => rows.at(-1) === 'me>')
  expect(shell.cooked()).toBe(false)

  // The same where nobody announced the stop.
  shell.type('again')
  await shell.until(rows => rows.at(-1) === 'me> again')
  process.kill(shell.pid, 'SIGSTOP')
  await continued(shell, 2, rows => rows.at(-1) === 'me> again')
  await shell.until(() => !shell.cooked())
  // And where there was no stop.
  shell.type('!')
  await shell.until(rows => rows.at(-1) === 'me> again!')
  process.kill(shell.pid, 'SIGCONT')
  shell.type('!')
  await shell.until(rows => rows.at(-1) === 'me> again!!')
  expect(shell.lines().filter(row => row.startsWith('me> again!'))).toEqual(['me> again!!'])

  // In the background it stops again before it writes a line.
  shell.type(CTRL_Z)
  await shell.until(rows => rows.filter(row => row.includes('Stopped')).length === 3 && rows.at(-1) === 'shell>')
  shell.type('bg\r')
  await shell.until(rows => rows.some(row => /^\[1\]\+ .*&$/.test(row)))
  shell.type('jobs\r')
  await continued(shell, 4, rows => rows.at(-1) === 'me> again!!')
  shell.type(`${CTRL_C}${CTRL_C}${CTRL_C}`)
  await shell.until('code 0')
})

test('a question comes back with what was typed; a signal ends it with the terminal given back', async () => {
  const shell = await inShell('questions-demo.ts', '? A word?')
  shell.type(`two words\r`)
  await shell.until('> one word alone')
  shell.type(`x${CTRL_Z}`)
  await continued(shell, 1, rows => rows.at(-1) === '? A word? two wordsx')
  shell.type('\u0015word\r')
  await shell.until('? A secret?')
  shell.type('hush')
  await shell.until('? A secret? ****')
  process.kill(shell.pid, 'SIGSTOP')
  await continued(shell, 2, rows => rows.at(-1) === '? A secret? ****')
  shell.type('!\r')
  await shell.until('? Is that so? (Y/n)')
  shell.type('maybe\r')
  await shell.until('please answer yes or no')
  shell.type(' NO \r')
  await shell.until('? Which way?')
  shell.type('r')
  await shell.until('where it is not')
  shell.type(CTRL_Z)
  await continued(shell, 3, rows => rows.slice(-4).join('\n').includes('where it is not'))
  process.kill(shell.pid, 'SIGTERM')
  await shell.until('code 143')
  shell.type('stty -a\r')
  await shell.until(rows => / icanon\b/.test(rows.slice(-8).join(' ')))
  const [hidden, shown] = ['\x1b[?25l', '\x1b[?25h'].map(text => shell.written().lastIndexOf(text))
  expect(shown).toBeGreaterThan(hidden ?? 0)
})

test('where a system stops no process, the key does nothing', () => {
  const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('win32')
  const kill = vi.spyOn(process, 'kill').mockReturnValue(true)
  onTestFinished(() => {
    platform.mockRestore()
    kill.mockRestore()
  })
  suspend()
  expect(kill).not.toHaveBeenCalled()
})
