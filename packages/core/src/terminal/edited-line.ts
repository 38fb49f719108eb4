import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { AUTOWRAP_OFF, AUTOWRAP_ON } from './autowrap.ts'
import { clustersAround } from './clusters.ts'
import { type LineLayout, layoutLine } from './line-layout.ts'
import { statusRows } from './status-rows.ts'

/** How many entered lines the up key can bring back. */
const HISTORY_LINES = 500

const END_OF_LINE = { ctrl: true, name: 'e' }
const DELETE_TO_START = { ctrl: true, name: 'u' }

const CTRL_L = '\x0c'
const ENTER = '\r'

/** Keys that move over or delete what is before the cursor, or behind it. */
const BACKWARD = new Set(['\x1b[D', '\x1bOD', '\x02', '\x7f', '\b'])
const FORWARD = new Set(['\x1b[C', '\x1bOC', '\x06', '\x1b[3~', '\x04'])

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
  /** Leaves what was typed on the screen, and the cursor below it, and ends raw mode. */
  close(): void
}

/**
 * Edits one line after the other. The editing itself and the history are node:readline's. It is given keys instead of
 * chunks, for it puts text that comes in one chunk into the wrong place in the middle of a line (Node 20); and what it
 * draws is dropped, for it takes every terminal to agree with it on the width of an emoji.
 */
export function openEditedLine({ output, prompt, history, setRawMode, onEnter }: EditedLineOptions): EditedLine {
  /** What of the line is on the screen: nothing from the Enter key to the next draw(). */
  let drawn: LineLayout | null = null
  /** The last layout, and what of. */
  let latest = layoutLine('', '', 0, Infinity)
  let latestOf: readonly unknown[] = []
  let promptText = prompt
  let status = ''
  /** How many rows of the status are on the screen, directly above the line. */
  let statusHeight = 0
  const keyboard = Object.assign(new PassThrough(), { setRawMode })
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const rl = createInterface({
    input: keyboard,
    output: nowhere,
    terminal: true,
    prompt: '',
    history: [...history],
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  })

  /** The same as before while nothing of it has changed: others' texts have the line drawn again and again. */
  function layout(): LineLayout {
    const of = [promptText, rl.line, rl.cursor, output.columns || Infinity] as const
    if (of.some((value, i) => value !== latestOf[i])) latest = layoutLine(...of)
    latestOf = of
    return latest
  }

  /** Takes the status and the line off the screen. @param row in which row of the line the cursor is */
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

  function drawLine(next: LineLayout): void {
    output.write(next.drawing + next.tail)
    place(next, next.height - 1)
  }

  /** @param row in which row of the line the cursor is now */
  function place(next: LineLayout, row: number): void {
    moveCursor(output, 0, next.row - row)
    cursorTo(output, next.column)
    drawn = next
  }

  function draw(): void {
    drawStatus()
    drawLine(layout())
  }

  /** Draws what changed in the line. What is typed at its end is only added, so that a tall line need not scroll by. */
  function update(): void {
    if (drawn === null) return
    const next = layout()
    if (next.drawing === drawn.drawing) return place(next, drawn.row)
    const wasAtEnd = drawn.atEnd && drawn.tail !== '\r\n'
    if (wasAtEnd && next.atEnd && next.drawing.startsWith(drawn.drawing)) {
      output.write(next.drawing.slice(drawn.drawing.length) + next.tail)
      drawn = next
      return
    }
    moveCursor(output, 0, -drawn.row)
    cursorTo(output, 0)
    clearScreenDown(output)
    drawLine(next)
  }

  function redraw(change: () => void): void {
    if (drawn === null) return change()
    // In one go: nobody should see the moment in which the line is gone.
    output.cork()
    try {
      erase(drawn.row)
      change()
      draw()
    } finally {
      output.uncork()
    }
  }

  /** Leaves the line alone on the screen, where it is to stay when it is done. The status comes back with draw(). */
  function hideStatus(): void {
    if (statusHeight === 0) return
    const kept = status
    status = ''
    redraw(() => {})
    status = kept
  }

  /** Leaves the line on the screen for good, and the cursor below it. */
  function finish(): void {
    if (drawn === null) return
    hideStatus()
    rl.write(null, END_OF_LINE)
    update()
    if (drawn.tail === '') output.write('\n')
    drawn = null
  }

  /** Some terminals wrap the line anew and some do not. Moving up by the smaller count never erases what is above. */
  function resized(): void {
    if (drawn === null) return
    erase(Math.min(drawn.row, layout().row))
    draw()
  }

  rl.on('line', onEnter)
  output.on('resize', resized)

  return {
    get text() {
      return rl.line
    },
    get before() {
      return rl.line.slice(0, rl.cursor)
    },
    insert(text) {
      rl.write(text)
      update()
    },
    press(sequence) {
      if (sequence === CTRL_L) return redraw(clearScreen)
      if (sequence === ENTER) finish()
      const { before, after } = clustersAround(rl.line, rl.cursor)
      // Readline goes by code points, people by what they see.
      const cluster = BACKWARD.has(sequence) ? before : FORWARD.has(sequence) ? after : ''
      for (const _ of cluster || ' ') keyboard.emit('data', sequence)
      update()
    },
    clear() {
      rl.write(null, END_OF_LINE)
      rl.write(null, DELETE_TO_START)
      update()
    },
    draw,
    redraw,
    setStatus(text) {
      status = text
      redraw(() => {})
    },
    setPrompt(text) {
      if (text === promptText) return
      promptText = text
      redraw(() => {})
    },
    close() {
      output.off('resize', resized)
      // An empty line has nothing to stay for, and after /quit its prompt would look like one that waits.
      if (drawn !== null && rl.line === '') erase(drawn.row)
      else finish()
      drawn = null
      rl.close()
    },
  }
}
