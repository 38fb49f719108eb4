import pty from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { patience } from '../patience.ts'
import { imageOf, type ScreenImage, type Theme } from './screen-image.ts'
import { type Run, runsOf } from './screen-runs.ts'
import { widthsByCodePoint } from './unicode-widths.ts'

/** Rows kept after they have left the top of the screen. */
const SCROLLBACK = 1_000

/** What to wait for: text anywhere, all the rows (trailing blank ones apart), or anything else about the rows. */
type Expected = string | readonly string[] | ((rows: readonly string[]) => boolean)

export interface ScreenOptions {
  readonly command: string
  readonly args?: readonly string[]
  readonly cols?: number
  readonly rows?: number
  /** Added to the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Whether a new width wraps the line with the cursor anew, as it does in some terminals; in others it does not. */
  readonly reflow?: boolean
}

/** A real program in a real terminal without a window. */
export interface Screen {
  /** Sends text as the keyboard does: Enter is '\r', and escape sequences are keys. */
  type(text: string): void
  /** @throws {Error} with what the screen shows, when time is up or the program has ended */
  until(expected: Expected): Promise<void>
  /** All rows, those that scrolled away first, without blanks at the end of a row or blank rows at the end. */
  lines(): string[]
  /** The same rows with their looks. */
  runs(): Run[][]
  /** The rows from `first` up to, not including, `end` as a camera sees them. */
  image(first: number, end: number, theme: Theme): ScreenImage
  /** Where the cursor is: an index into lines(), and how many cells from the left. */
  cursor(): { row: number; column: number }
  resize(cols: number, rows: number): void
  /** Whether the program has asked for brackets around what is pasted. */
  bracketedPaste(): boolean
  /** The title of the window; '' if the program has set none. */
  title(): string
  /** How often the bell rang. */
  bells(): number
  /** Everything that the program has written, as it wrote it. */
  written(): string
  /** The exit code, once all output is on the screen. */
  readonly exit: Promise<number>
  /** Sends the program a signal, SIGKILL by default; also to clean up after it has ended. */
  kill(signal?: NodeJS.Signals): void
}

function matches(expected: Expected, rows: readonly string[]): boolean {
  if (typeof expected === 'string') return rows.join('\n').includes(expected)
  if (typeof expected === 'function') return expected(rows)
  return rows.length === expected.length && rows.every((row, index) => row === expected[index])
}

/** Starts a program in a terminal. Whoever opens a screen kills it when the test is over. */
export function openScreen({
  command,
  args = [],
  cols = 80,
  rows = 24,
  env = {},
  cwd,
  reflow = false,
}: ScreenOptions): Screen {
  const terminal = new xterm.Terminal({
    cols,
    rows,
    scrollback: SCROLLBACK,
    allowProposedApi: true,
    reflowCursorLine: reflow,
    windowOptions: { pushTitle: true, popTitle: true },
  })
  terminal.unicode.register(widthsByCodePoint)
  terminal.unicode.activeVersion = widthsByCodePoint.version
  const program = pty.spawn(command, [...args], {
    cols,
    rows,
    cwd: cwd ?? process.cwd(),
    env: { ...process.env, TERM: 'xterm-256color', ...env },
  })
  const changed = new Set<() => void>()
  let ended = false
  let title = ''
  let bells = 0
  let written = ''

  const update = () => {
    for (const check of changed) check()
  }
  const keyboard = terminal.onData(data => program.write(data))
  terminal.onTitleChange(text => (title = text))
  terminal.onBell(() => (bells += 1))
  program.onData(data => {
    written += data
    terminal.write(data, update)
  })
  const exit = new Promise<number>(resolve => {
    program.onExit(({ exitCode }) =>
      terminal.write('', () => {
        ended = true
        keyboard.dispose()
        update()
        resolve(exitCode)
      }),
    )
  })

  const rowsOf = () =>
    Array.from({ length: terminal.buffer.active.length }, (_, row) => terminal.buffer.active.getLine(row))

  function lines(): string[] {
    const all = rowsOf().map(row => row?.translateToString().trimEnd() ?? '')
    return all.slice(0, all.findLastIndex(row => row !== '') + 1)
  }

  return {
    type: text => program.write(text),
    until(expected) {
      const milliseconds = patience()
      return new Promise((resolve, reject) => {
        const settle = (finish: () => void) => {
          changed.delete(check)
          clearTimeout(timer)
          finish()
        }
        const give = (reason: string) =>
          settle(() => reject(new Error(`${reason}; the screen:\n${lines().join('\n')}`)))
        const check = () => {
          if (matches(expected, lines())) settle(resolve)
          else if (ended) give('the program has ended')
        }
        const wanted = typeof expected === 'function' ? expected.toString() : JSON.stringify(expected)
        const timer = setTimeout(() => give(`not seen in ${milliseconds} ms: ${wanted}`), milliseconds)
        changed.add(check)
        check()
      })
    },
    lines,
    runs: () =>
      rowsOf()
        .map(row => (row === undefined ? [] : runsOf(row)))
        .slice(0, lines().length),
    image: (first, end, theme) =>
      imageOf(
        rowsOf()
          .slice(first, end)
          .filter(row => row !== undefined),
        theme,
      ),
    cursor: () => ({
      row: terminal.buffer.active.baseY + terminal.buffer.active.cursorY,
      column: terminal.buffer.active.cursorX,
    }),
    resize(cols, rows) {
      terminal.resize(cols, rows)
      program.resize(cols, rows)
    },
    bracketedPaste: () => terminal.modes.bracketedPasteMode,
    title: () => title,
    bells: () => bells,
    written: () => written,
    exit,
    kill(signal = 'SIGKILL') {
      if (!ended) program.kill(signal)
    },
  }
}

/** Lets a person read: about what came within the last second they are asked whether they mean it. */
export async function haveRead(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 1_000))
}
