import type { ReadStream, WriteStream } from 'node:tty'
import { completeWord, type CompletionOffer } from './complete-word.ts'
import { openEditedLine } from './edited-line.ts'
import { holdTerminal, suspend } from './held-terminal.ts'
import { openKeyboard } from './keyboard.ts'
import { BRACKETED_PASTE_OFF, BRACKETED_PASTE_ON, type Key, pastedText } from './keys.ts'
import { MAX_LINE_BYTES } from './lines.ts'
import { printableLine } from '../terminal/printable.ts'
import { wrapLines } from '../terminal/wrap-lines.ts'

/** How a newline shows while it is edited: as one cell, so that the line stays one line. */
const NEWLINE_SYMBOL = '\u2424'

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
  /** The text before the line being typed, as of setPrompt(). */
  readonly prompt: string
  /** Offers what may stand at the end of `before`, which ends at the cursor. Soon, for keys wait for it. */
  readonly complete?: (before: string) => Promise<CompletionOffer>
  /** What the up key brings back, the latest first. */
  readonly history?: readonly string[]
  /** Takes an entered line of at most MAX_LINE_BYTES; it may be blank, and has newlines if they were pasted. */
  readonly onLine: (text: string) => void
  /** Ctrl-C. What is typed stays unless it is replaced. */
  readonly onInterrupt: () => void
  /** Ctrl-D on an empty line. */
  readonly onEnd: () => void
  /** Ctrl-Z; without it, the process is suspended. */
  readonly onSuspend?: () => void
  /** Told when the terminal is gone; the editor is closed then. */
  readonly onGone: () => void
}

export interface LineEditor {
  /** Shows lines above the line being typed. Colours are allowed; what comes from others must be printable(). */
  print(text: string): void
  /** Lines above the last one stand above what is typed. Colours are allowed. */
  setPrompt(prompt: string): void
  /** What is being typed. */
  readonly text: string
  /** Puts another text in place of what is being typed. @param text at most MAX_LINE_BYTES, of any number of lines */
  replace(text: string): void
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
 * of it become one message. Tab completes; what Ctrl-C, Ctrl-D and Ctrl-Z do is for others to say.
 */
export function openLineEditor(options: LineEditorOptions): LineEditor {
  const { input, output, prompt, complete, history = [], onLine, onInterrupt, onEnd, onSuspend = suspend } = options
  const line = openEditedLine({ output, prompt, history, onEnter: enter })
  let open = true

  const print = (text: string) => line.redraw(() => output.write(`${text}\n`))
  const refuse = () => print(`refused: a line is at most ${MAX_LINE_BYTES} bytes long`)
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

  /** Unlike a text, a list loses nothing where a row breaks between two words; names in it may be of others, too. */
  function inRows(labels: readonly string[]): string {
    const list = labels.map(label => printableLine(label)).join('  ')
    return wrapLines(list, output.columns, 'prose')
  }

  function press({ kind, text }: Key): void | Promise<void> {
    if (kind === 'paste') return paste(text)
    if (kind === 'text') return type(text)
    switch (text) {
      case CTRL_C:
        return onInterrupt()
      case CTRL_D:
        return line.text === '' ? onEnd() : line.press(text)
      case TAB:
        return completeAtCursor()
      case CTRL_Z:
        return onSuspend()
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
    // Before the keyboard is: to a terminal that is gone, leaving raw mode is an error.
    held.release()
    keyboard.close()
  }

  function gone(): void {
    if (!open) return
    close()
    options.onGone()
  }

  const keyboard = openKeyboard({ input, press, onGone: gone })
  const held = holdTerminal({
    on() {
      input.setRawMode(true)
      output.write(BRACKETED_PASTE_ON)
    },
    off() {
      output.write(BRACKETED_PASTE_OFF)
      input.setRawMode(false)
    },
    leave: () => line.leave(),
    back: left => (left ? line.draw() : line.drawAfterOthers()),
  })
  line.draw()

  return {
    print,
    setPrompt: text => line.setPrompt(text),
    setStatus: text => line.setStatus(text),
    get text() {
      return withNewlines(line.text)
    },
    replace: text => line.replace(text.replaceAll('\n', NEWLINE_SYMBOL)),
    close,
  }
}
