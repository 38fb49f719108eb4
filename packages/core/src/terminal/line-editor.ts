import { clearScreenDown, createInterface, cursorTo, moveCursor } from 'node:readline'
import { PassThrough, Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import { BRACKETED_PASTE_OFF, BRACKETED_PASTE_ON, keyDecoder } from './keys.ts'
import type { Key } from './keys.ts'
import { MAX_LINE_BYTES } from './lines.ts'
import { printable, printableLine } from './printable.ts'
import { completeWord } from './complete-word.ts'

/** How many entered lines the up key can bring back. */
const HISTORY_LINES = 500

/** How long the rest of an escape sequence may take, in milliseconds; without one, the Escape key was pressed. */
const ESCAPE_WAIT = 50

/** How a newline shows while it is edited: as one cell, so that the line stays one line. */
const NEWLINE_SYMBOL = '\u2424'

const BELL = '\x07'
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const TAB = '\t'
const CTRL_Z = '\x1a'

export interface LineEditorOptions {
  /** A terminal's keyboard, such as process.stdin. */
  readonly input: ReadStream
  /** A terminal's screen, such as process.stdout. */
  readonly output: WriteStream
  /** What stands before the line being typed; colours are allowed, newlines are not. */
  readonly prompt: string
  /** Offers the words that may stand where the last word of `before` stands, which ends at the cursor. */
  readonly complete?: (before: string) => readonly string[]
  /** Takes an entered line of at most MAX_LINE_BYTES; it may be blank, and has newlines if they were pasted. */
  readonly onLine: (text: string) => void
  /** Told when the person leaves (Ctrl-C on an empty line, Ctrl-D) or the terminal is gone; the editor is closed then. */
  readonly onExit: () => void
}

export interface LineEditor {
  /** Shows lines above the line being typed. Colours are allowed; what comes from others must be printable(). */
  print(text: string): void
  setPrompt(prompt: string): void
  /** Gives the terminal back as it was; print() goes on to work. Safe to call again. */
  close(): void
}

/**
 * Edits lines on a terminal while other text arrives. It stands between the terminal and node:readline, which knows
 * editing and history but takes every line of a paste for an entered one, puts text that is typed fast into the wrong
 * place in the middle of a line (Node 20), and moves by the terminal's present width where the line was drawn for
 * another. So it is given keys and whole pastes instead of chunks, and a new width only once that is accounted for.
 *
 * Ctrl-Z does nothing: a stopped program would lose its conversations.
 */
export function openLineEditor(options: LineEditorOptions): LineEditor {
  const { input, output, complete = () => [], onLine, onExit } = options
  const utf8 = new TextDecoder()
  // One more than fits, so that a paste that was cut is too long and is refused.
  const keys = keyDecoder(MAX_LINE_BYTES + 1)
  let escapeTimer: NodeJS.Timeout | undefined
  let open = true
  // Not from the Enter key to the next prompt, when nothing of the line being typed is on the screen.
  let drawn = false

  const keyboard = Object.assign(new PassThrough(), { setRawMode: (raw: boolean) => input.setRawMode(raw) })
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
    prompt: options.prompt,
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  })

  /** How many rows the cursor is below the first row of the prompt, as readline drew it. */
  const cursorRow = () => rl.getCursorPos().rows

  function erase(row: number): void {
    moveCursor(output, 0, -row)
    cursorTo(output, 0)
    clearScreenDown(output)
  }

  /** Draws where the screen's cursor is. Readline first moves up by the row it drew the cursor in: it gets those rows. */
  function draw(row: number): void {
    output.write('\n'.repeat(Math.min(row, (output.rows || Infinity) - 1)))
    rl.prompt(true)
    drawn = true
  }

  function redraw(change: () => void): void {
    if (!drawn) return change()
    const row = cursorRow()
    erase(row)
    change()
    draw(row)
  }

  const print = (text: string) => redraw(() => output.write(`${text}\n`))

  /** Some terminals wrap the line anew and some do not. Moving up by the smaller count never erases what is above. */
  function resized(): void {
    const row = cursorRow()
    screen.columns = output.columns
    if (!drawn) return
    erase(Math.min(row, cursorRow()))
    draw(row)
  }

  const fits = (line: string) => Buffer.byteLength(line.replaceAll(NEWLINE_SYMBOL, '\n')) <= MAX_LINE_BYTES
  const refuse = () => print(`not taken: a line is at most ${MAX_LINE_BYTES} bytes long`)

  function paste(text: string): void {
    const lines = printable(text.replace(/\r\n?/g, '\n').replace(/\n+$/, ''), Infinity)
    const inserted = lines.replaceAll('\n', NEWLINE_SYMBOL)
    if (fits(rl.line + inserted)) rl.write(inserted)
    else refuse()
  }

  function completeAtCursor(): void {
    const before = rl.line.slice(0, rl.cursor)
    const { insert, choices } = completeWord(before, complete(before))
    if (insert !== '') rl.write(insert)
    else if (choices.length > 0) print(choices.map(choice => printableLine(choice)).join('  '))
  }

  function press({ kind, text }: Key): void {
    if (!open) return
    if (kind === 'paste') return paste(text)
    if (kind === 'text') {
      if (fits(rl.line + text)) rl.write(text)
      else output.write(BELL)
    } else if (text === CTRL_C && rl.line !== '') {
      rl.write(null, { ctrl: true, name: 'e' })
      rl.write(null, { ctrl: true, name: 'u' })
    } else if (text === CTRL_C || (text === CTRL_D && rl.line === '')) {
      leave()
    } else if (text === TAB) {
      completeAtCursor()
    } else if (text !== CTRL_Z) {
      keyboard.emit('data', text)
    }
  }

  function read(bytes: Buffer): void {
    clearTimeout(escapeTimer)
    for (const key of keys.push(utf8.decode(bytes, { stream: true }))) press(key)
    if (open) escapeTimer = setTimeout(() => keys.expire(), ESCAPE_WAIT)
  }

  function close(): void {
    if (!open) return
    open = false
    clearTimeout(escapeTimer)
    input.off('data', read).off('end', leave).off('error', leave).pause()
    output.off('resize', resized)
    process.off('exit', close)
    if (drawn) {
      rl.write(null, { ctrl: true, name: 'e' })
      output.write('\n')
      drawn = false
    }
    output.write(BRACKETED_PASTE_OFF)
    rl.close()
  }

  function leave(): void {
    if (!open) return
    close()
    onExit()
  }

  rl.on('line', line => {
    drawn = false
    if (fits(line)) onLine(line.replaceAll(NEWLINE_SYMBOL, '\n'))
    else refuse()
    if (open) draw(0)
  })
  input.on('data', read).on('end', leave).on('error', leave).resume()
  output.on('resize', resized)
  // Whoever ends the process without close() must not leave a shell behind that is given brackets.
  process.on('exit', close)
  output.write(BRACKETED_PASTE_ON)
  draw(0)

  return {
    print,
    setPrompt: prompt => redraw(() => rl.setPrompt(prompt)),
    close,
  }
}
