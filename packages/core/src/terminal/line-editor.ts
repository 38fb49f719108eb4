import type { ReadStream, WriteStream } from 'node:tty'
import { completeWord, type Offer } from './complete-word.ts'
import { openEditedLine } from './edited-line.ts'
import { openKeyboard } from './keyboard.ts'
import { BRACKETED_PASTE_OFF, BRACKETED_PASTE_ON } from './keys.ts'
import type { Key } from './keys.ts'
import { MAX_LINE_BYTES } from './lines.ts'
import { pastedText } from './paste.ts'
import { printableLine } from './printable.ts'
import { rowsOfLine } from './rows.ts'

/** How a newline shows while it is edited: as one cell, so that the line stays one line. */
const NEWLINE_SYMBOL = '\u2424'

/** Cells in a row of a terminal that does not say how wide it is. */
const UNKNOWN_WIDTH = 80

const BELL = '\x07'
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const TAB = '\t'
const BACKSPACE = '\x7f'
const CTRL_Z = '\x1a'
const ENTER = '\r'
/** Ctrl-J, and what the Enter key of some programs that type for people sends. */
const LINE_FEED = '\n'

export interface LineEditorOptions {
  /** A terminal's keyboard, such as process.stdin. */
  readonly input: ReadStream
  /** A terminal's screen, such as process.stdout. */
  readonly output: WriteStream
  /** What stands before the line being typed; colours are allowed, newlines are not. */
  readonly prompt: string
  /** Offers what may stand at the end of `before`, which ends at the cursor. Soon, for keys wait for it. */
  readonly complete?: (before: string) => Promise<Offer>
  /** What the up key brings back, the latest first. */
  readonly history?: readonly string[]
  /** Takes an entered line of at most MAX_LINE_BYTES; it may be blank, and has newlines if they were pasted. */
  readonly onLine: (text: string) => void
  /** Told when the person leaves (Ctrl-C on an empty line, Ctrl-D) or the terminal is gone; the editor is closed then. */
  readonly onExit: () => void
}

export interface LineEditor {
  /** Whether something of a line is typed. */
  readonly typing: boolean
  /** Shows lines above the line being typed. Colours are allowed; what comes from others must be printable(). */
  print(text: string): void
  setPrompt(prompt: string): void
  /**
   * Shows lines between what was printed and the line being typed, in place of those shown before, such as a file's
   * progress; '' takes them away. They are cut to the terminal's width. Colours are allowed; what comes from others must
   * be printable().
   */
  setStatus(text: string): void
  /** Gives the terminal back as it was; print() goes on to work. Safe to call again. */
  close(): void
}

/**
 * Edits lines on a terminal while other text arrives above them. A paste is inserted as a whole, so that several lines
 * of it become one message. Ctrl-C clears the line, then leaves; Ctrl-D leaves; Tab completes; Ctrl-Z does nothing, for
 * a stopped program would lose its conversations.
 */
export function openLineEditor(options: LineEditorOptions): LineEditor {
  const { input, output, prompt, complete, history = [], onLine, onExit } = options
  const line = openEditedLine({
    output,
    prompt,
    history,
    setRawMode: raw => void input.setRawMode(raw),
    onEnter: enter,
  })
  let open = true

  const print = (text: string) => line.redraw(() => output.write(`${text}\n`))
  const refuse = () => print(`not taken: a line is at most ${MAX_LINE_BYTES} bytes long`)
  const withNewlines = (text: string) => text.replaceAll(NEWLINE_SYMBOL, '\n')
  const fits = (text: string) => Buffer.byteLength(withNewlines(text)) <= MAX_LINE_BYTES

  function enter(text: string): void {
    if (fits(text)) onLine(withNewlines(text))
    else refuse()
    if (open) line.draw()
  }

  function paste(text: string): void {
    const inserted = pastedText(text).replaceAll('\n', NEWLINE_SYMBOL)
    if (text.length <= MAX_LINE_BYTES && fits(line.text + inserted)) line.insert(inserted)
    else refuse()
  }

  function type(text: string): void {
    if (fits(line.text + text)) line.insert(text)
    else output.write(BELL)
  }

  async function completeAtCursor(): Promise<void> {
    if (complete === undefined) return
    const { remove, insert, labels } = completeWord(await complete(line.before))
    if (!open) return
    const kept = line.before.length - remove.length
    // One key takes away all that people see as one letter.
    while (line.before.length > kept) line.press(BACKSPACE)
    if (insert !== '') type(insert)
    else if (labels.length > 0) print(inRows(labels))
  }

  /** Unlike a text, a list loses nothing where a row breaks between two words. */
  function inRows(labels: readonly string[]): string {
    const list = labels.map(label => printableLine(label)).join('  ')
    return rowsOfLine(list, output.columns || UNKNOWN_WIDTH, 'prose').join('\n')
  }

  function press({ kind, text }: Key): void | Promise<void> {
    if (kind === 'paste') return paste(text)
    if (kind === 'text') return type(text)
    switch (text) {
      case CTRL_C:
        return line.text === '' ? leave() : line.clear()
      case CTRL_D:
        return line.text === '' ? leave() : line.press(text)
      case TAB:
        return completeAtCursor()
      case CTRL_Z:
        return
      case LINE_FEED:
        return line.press(ENTER)
      default:
        return line.press(text)
    }
  }

  function close(): void {
    if (!open) return
    open = false
    line.close()
    output.write(BRACKETED_PASTE_OFF)
    // Only now: to a terminal that is gone, leaving raw mode is an error.
    keyboard.close()
    process.off('exit', close)
  }

  function leave(): void {
    if (!open) return
    close()
    onExit()
  }

  const keyboard = openKeyboard({ input, press, onGone: leave })
  // Whoever ends the process without close() must not leave a shell behind that is sent brackets.
  process.on('exit', close)
  output.write(BRACKETED_PASTE_ON)
  line.draw()

  return {
    get typing() {
      return line.text !== ''
    },
    print,
    setPrompt: text => line.setPrompt(text),
    setStatus: text => line.setStatus(text),
    close,
  }
}
