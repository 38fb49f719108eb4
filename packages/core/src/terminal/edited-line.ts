import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { statusRows } from './status-rows.ts'

/** How many entered lines the up key can bring back. */
const HISTORY_LINES = 500

const END_OF_LINE = { ctrl: true, name: 'e' }
const DELETE_TO_START = { ctrl: true, name: 'u' }

const CTRL_L = '\x0c'
const ENTER = '\r'

/**
 * Has the terminal drop what does not fit into a row (DECAWM of ECMA-48's private modes), and wrap again. Terminals do
 * not agree on the width of every character, and a status that took one row more than we know of could not be removed.
 */
const AUTOWRAP_OFF = '\x1b[?7l'
const AUTOWRAP_ON = '\x1b[?7h'

export interface EditedLineOptions {
  readonly output: WriteStream
  readonly prompt: string
  /** What the up key brings back, the latest first. */
  readonly history: readonly string[]
  /** Switches the keyboard's raw mode. */
  readonly setRawMode: (raw: boolean) => void
  /** Takes an entered line; nothing is drawn from then on until draw(). */
  readonly onEnter: (text: string) => void
}

/** A line that is being typed: what it is and where it stands on the screen. */
export interface EditedLine {
  readonly text: string
  /** The text up to the cursor. */
  readonly before: string
  /** Puts text without control characters where the cursor is. */
  insert(text: string): void
  /** Does what a key does that is a control character or escape sequence: moves, deletes, brings back, enters. */
  press(sequence: string): void
  clear(): void
  /** Draws the prompt and the line where the screen's cursor is. */
  draw(): void
  /** Takes the line off the screen, makes a change that may write whole lines, and draws the line below them. */
  redraw(change: () => void): void
  setPrompt(prompt: string): void
  /** Shows lines above the line being typed, until others replace them; '' for none. */
  setStatus(text: string): void
  /** Leaves the line on the screen, and the cursor below it, and ends raw mode. */
  close(): void
}

/**
 * Edits one line after the other. The editing itself and the history are node:readline's, which must be kept from two
 * things: it puts text that comes in one chunk into the wrong place in the middle of a line (Node 20), so it is given
 * keys instead of chunks; and it moves the cursor by the width that the terminal has now where it drew the line for
 * another, so it sees a width only once the line is drawn for it.
 */
export function openEditedLine({ output, prompt, history, setRawMode, onEnter }: EditedLineOptions): EditedLine {
  // Not from the Enter key to the next draw(), when nothing of the line is on the screen.
  let drawn = false
  let status = ''
  /** How many rows of the status are on the screen, directly above the line. */
  let statusHeight = 0
  const keyboard = Object.assign(new PassThrough(), { setRawMode })
  const screen = Object.assign(
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        output.write(text)
        done()
      },
    }),
    { columns: output.columns },
  )
  const rl = createInterface({
    input: keyboard,
    output: screen,
    terminal: true,
    prompt,
    history: [...history],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  })

  /** How many rows below the first row of the prompt readline left the cursor. */
  const cursorRow = () => rl.getCursorPos().rows

  /** Takes the status and the line off the screen. */
  function erase(row: number): void {
    moveCursor(output, 0, -(statusHeight + row))
    statusHeight = 0
    cursorTo(output, 0)
    clearScreenDown(output)
  }

  function clearScreen(): void {
    cursorTo(output, 0, 0)
    clearScreenDown(output)
  }

  function drawStatus(): void {
    const rows = statusRows(status, output)
    statusHeight = rows.length
    if (statusHeight > 0) output.write(`${AUTOWRAP_OFF}${rows.map(text => `${text}\n`).join('')}${AUTOWRAP_ON}`)
  }

  /** @param row where readline believes the cursor to be: it moves up so far before it draws, so it gets these rows */
  function drawFrom(row: number): void {
    drawStatus()
    output.write('\n'.repeat(Math.min(row, (output.rows || Infinity) - 1)))
    rl.prompt(true)
    drawn = true
  }

  function redraw(change: () => void): void {
    if (!drawn) return change()
    const row = cursorRow()
    erase(row)
    change()
    drawFrom(row)
  }

  /** Leaves the line alone on the screen, where it is to stay when it is done. The status comes back with draw(). */
  function hideStatus(): void {
    if (statusHeight === 0) return
    const kept = status
    status = ''
    redraw(() => {})
    status = kept
  }

  /** Some terminals wrap the line anew and some do not. Moving up by the smaller count never erases what is above. */
  function resized(): void {
    const row = cursorRow()
    screen.columns = output.columns
    if (!drawn) return
    erase(Math.min(row, cursorRow()))
    drawFrom(row)
  }

  rl.on('line', text => {
    drawn = false
    onEnter(text)
  })
  output.on('resize', resized)

  return {
    get text() {
      return rl.line
    },
    get before() {
      return rl.line.slice(0, rl.cursor)
    },
    insert: text => rl.write(text),
    press(sequence) {
      // Readline's own would leave the status out of account.
      if (sequence === CTRL_L) return redraw(clearScreen)
      if (sequence === ENTER) hideStatus()
      keyboard.emit('data', sequence)
    },
    clear() {
      rl.write(null, END_OF_LINE)
      rl.write(null, DELETE_TO_START)
    },
    draw: () => drawFrom(0),
    redraw,
    setStatus(text) {
      status = text
      redraw(() => {})
    },
    setPrompt: text => redraw(() => rl.setPrompt(text)),
    close() {
      output.off('resize', resized)
      if (drawn) {
        hideStatus()
        rl.write(null, END_OF_LINE)
        output.write('\n')
        drawn = false
      }
      rl.close()
    },
  }
}
