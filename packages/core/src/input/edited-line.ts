import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'
import { AUTOWRAP_OFF, AUTOWRAP_ON, rowsOfLine } from '../terminal/rows.ts'
import { clustersAround } from '../terminal/clusters.ts'
import { cursorReports } from './cursor-report.ts'
import { type LineLayout, layoutLine, placeAfterWrapping, rowsAboveCursorLine } from './line-layout.ts'
import { type PossiblePlaces, resizing } from './resizing.ts'
import { statusRows } from '../terminal/wrap-lines.ts'

/** How many entered lines the up key can bring back. */
const HISTORY_LINES = 500

const END_OF_LINE = { ctrl: true, name: 'e' }
const DELETE_TO_START = { ctrl: true, name: 'u' }

/** How many rows a shell writes at least between a stop that nobody announced and our return. */
const ROWS_OF_SHELL = 3

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
  /** Puts another text without control characters in place of this one, and the cursor behind it. */
  replace(text: string): void
  /** Draws the prompt and the line where the screen's cursor is. */
  draw(): void
  /** Takes the line off the screen, makes a change that may write whole lines, and draws the line below them. */
  redraw(change: () => void): void
  setPrompt(prompt: string): void
  /** Shows lines above the line being typed, until others replace them; '' for none. */
  setStatus(text: string): void
  /** Leaves what was typed on the screen, and the cursor below it; nothing is drawn from then on until draw(). */
  leave(): void
  /** Draws the prompt and the line where they were, whatever has been written since, or at least below it. */
  drawAfterOthers(): void
  /** Does leave() for good. */
  close(): void
}

/**
 * Edits one line after the other. The editing itself and the history are node:readline's. It is given keys instead of
 * chunks, for it puts text that comes in one chunk into the wrong place in the middle of a line (Node 20); and what it
 * draws is dropped, for it takes every terminal to agree with it on the width of an emoji.
 */
export function openEditedLine({ output, prompt, history, onEnter }: EditedLineOptions): EditedLine {
  /** What of the line is on the screen: nothing from the Enter key to the next draw(). */
  let drawn: LineLayout | null = null
  /** The last layout, and what of. */
  let latest = layoutLine('', '', 0, Infinity)
  let latestOf: readonly unknown[] = []
  let promptText = prompt
  let status = ''
  /** Rows of the status that are on the screen, directly above the line. */
  let statusShown: readonly string[] = []
  /** Changes that wait until it is known where the line stands. */
  let waiting: (() => void)[] = []
  /** The least width that the terminal had since the line was drawn. */
  let leastColumns = Infinity
  /** The width for which the line was drawn. */
  let drawnColumns = Infinity
  const reports = cursorReports(output)
  const width = resizing({ places, reports, settle })
  const keyboard = new PassThrough()
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

  /** Takes the status and the line off the screen. @param rows how many of them are above the cursor */
  function erase(rows: number): void {
    moveCursor(output, 0, -rows)
    statusShown = []
    cursorTo(output, 0)
    clearScreenDown(output)
  }

  function clearScreen(): void {
    cursorTo(output, 0, 0)
    clearScreenDown(output)
  }

  function drawStatus(): void {
    statusShown = statusRows(status, output)
    if (statusShown.length === 0) return
    output.write(`${AUTOWRAP_OFF}${statusShown.map(text => `${text}\n`).join('')}${AUTOWRAP_ON}`)
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
    drawnColumns = output.columns || Infinity
    leastColumns = drawnColumns
  }

  function draw(): void {
    drawStatus()
    drawLine(layout())
  }

  /** Draws what changed in the line. What is typed at its end is only added, so that a tall line need not scroll by. */
  function update(): void {
    if (drawn === null || width.unsettled) return
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
    if (width.unsettled) return void waiting.push(change)
    redrawFrom(statusShown.length + drawn.row, change)
  }

  /** @param rows how many rows above the cursor ours begin */
  function redrawFrom(rows: number, change: () => void): void {
    // In one go: nobody should see the moment in which the line is gone.
    output.cork()
    try {
      erase(rows)
      change()
      draw()
    } finally {
      output.uncork()
    }
  }

  /** Leaves the line alone on the screen, and the cursor below it. The status comes back with draw(). */
  function leave(): void {
    width.settleNow()
    if (drawn === null) return
    if (statusShown.length > 0) {
      const kept = status
      status = ''
      redraw(() => {})
      status = kept
    }
    moveCursor(output, 0, drawn.height - 1 - drawn.row)
    cursorTo(output, 0)
    if (drawn.tail === '') output.write('\n')
    drawn = null
  }

  function resized(): void {
    if (drawn === null) return
    leastColumns = Math.min(leastColumns, output.columns || Infinity)
    width.changed()
  }

  function places(): PossiblePlaces {
    if (drawn === null) throw new Error('nothing is drawn')
    const columns = output.columns || Infinity
    const wrapped = placeAfterWrapping(drawn, columns)
    const statusNow = statusShown.flatMap(text => rowsOfLine(text, columns, 'cells')).length
    // Some leave only the line with the cursor alone.
    const joined = rowsAboveCursorLine(drawn, drawnColumns) - rowsAboveCursorLine(drawn, columns)
    const inLine = drawn.row - Math.max(0, joined)
    return {
      kept: { row: statusShown.length + inLine, column: Math.min(drawn.column, leastColumns - 1), inLine },
      wrapped: { row: statusNow + wrapped.row, column: wrapped.column, inLine: wrapped.row },
      most: Math.max(inLine, wrapped.row, placeAfterWrapping(drawn, leastColumns).row),
      isOneLine: rowsAboveCursorLine(drawn, Infinity) === 0,
    }
  }

  function settle(rows: number): void {
    const changes = waiting
    waiting = []
    redrawFrom(rows, () => {
      for (const change of changes) change()
    })
  }

  function drawAfterOthers(): void {
    width.settleNow()
    if (drawn === null) return draw()
    redrawFrom(Math.min(statusShown.length + drawn.row, ROWS_OF_SHELL), () => {})
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
      if (reports.take(sequence)) return
      if (sequence === CTRL_L) return redraw(clearScreen)
      if (sequence === ENTER) leave()
      const { before, after } = clustersAround(rl.line, rl.cursor)
      // Readline goes by code points, people by what they see.
      const cluster = BACKWARD.has(sequence) ? before : FORWARD.has(sequence) ? after : ''
      for (const _ of cluster || ' ') keyboard.emit('data', sequence)
      update()
    },
    replace(text) {
      rl.write(null, END_OF_LINE)
      rl.write(null, DELETE_TO_START)
      if (text !== '') rl.write(text)
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
    leave,
    drawAfterOthers,
    close() {
      output.off('resize', resized)
      width.settleNow()
      // An empty line has nothing to stay for, and after /quit its prompt would look like one that waits.
      if (drawn !== null && rl.line === '') erase(statusShown.length + drawn.row)
      else leave()
      drawn = null
      reports.close()
      rl.close()
    },
  }
}
