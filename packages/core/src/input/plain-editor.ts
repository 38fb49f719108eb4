// oxlint-disable no-control-regex -- to a terminal, a key that is a command is a control character
import { clusters, clustersAround } from '../terminal/clusters.ts'
import { completeWord } from './complete-word.ts'
import { holdTerminal, suspend } from './held-terminal.ts'
import { openKeyboard } from './keyboard.ts'
import { type Key, bracketLines, pastedText } from './keys.ts'
import type { LineEditor, LineEditorOptions } from './line-editor.ts'
import { MAX_LINE_BYTES } from './lines.ts'
import { printableLine } from '../terminal/printable.ts'
import { DRAWN_TAB } from '../terminal/rows.ts'
import { wrapLines } from '../terminal/wrap-lines.ts'

const BELL = '\x07'
const BACKSPACE = '\b'
const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_Z = '\x1a'
const CTRL_U = '\x15'
const TAB = '\t'
const ENTER = /^[\r\n]$/
const DELETE = /^[\x08\x7f]$/

/** What a program may have written in colour; here it is written in words alone. */
const COLOURS = /\x1b\[[\d;]*m/g

export interface PlainEditorOptions extends LineEditorOptions {
  /** Whether nothing of what is typed may be seen. */
  readonly secret?: boolean
}

/**
 * Takes lines from a terminal whose output is read aloud: what is typed is echoed, what is printed gets lines of its own,
 * and nothing that stands on the screen is ever touched again, so that no escape sequence is needed. A prompt is a line
 * that appears when it changes. Backspace, Ctrl-U, Tab and the keys that leave work, and a paste is inserted as a whole.
 * There is no moving within the line and no status.
 */
export function openPlainEditor(options: PlainEditorOptions): LineEditor {
  const { input, output, secret = false, complete, onLine, onInterrupt, onEnd, onSuspend = suspend } = options
  let open = true
  let prompt = ''
  let line = ''
  /** Whether some of the line stands in the last row of the screen. */
  let echoed = false

  function print(text: string): void {
    endRow()
    output.write(`${text.replace(COLOURS, '')}\n`)
  }

  function type(text: string): void {
    if (Buffer.byteLength(line + text) > MAX_LINE_BYTES) return void output.write(BELL)
    line += text
    echo(text)
  }

  function echo(text: string): void {
    if (secret || text === '') return
    echoed = true
    output.write(text.replaceAll(TAB, DRAWN_TAB))
  }

  function erase(): void {
    const last = clustersAround(line, line.length).before
    if (last === '') return
    line = line.slice(0, -last.length)
    if (!echoed) return
    // Wide or narrow, read aloud it is one character. The row before stays as it is, and the erased character is announced.
    output.write(last === '\n' ? line.slice(line.lastIndexOf('\n') + 1) : `${BACKSPACE} ${BACKSPACE}`)
  }

  function endRow(): void {
    if (echoed) output.write('\n')
    echoed = false
  }

  function replace(text: string): void {
    endRow()
    line = text
    echo(text)
  }

  function enter(): void {
    const entered = line
    line = ''
    echoed = false
    output.write('\n')
    onLine(entered)
  }

  async function completeLine(): Promise<void> {
    if (complete === undefined) return
    const { remove, insert, labels } = completeWord(await complete(line))
    if (!open) return
    for (const _ of clusters(remove)) erase()
    if (insert !== '') type(insert)
    else if (labels.length > 0)
      print(wrapLines(labels.map(label => printableLine(label)).join('  '), output.columns, 'prose'))
  }

  function press({ kind, text }: Key): void | Promise<void> {
    if (kind === 'paste') return type(pastedText(text))
    if (kind === 'text') return type(text)
    if (ENTER.test(text)) return enter()
    if (DELETE.test(text)) return erase()
    if (text === TAB) return completeLine()
    if (text === CTRL_U) return replace('')
    if (text === CTRL_C) return onInterrupt()
    if (text === CTRL_Z) return onSuspend()
    if (text === CTRL_D && line === '') onEnd()
  }

  function close(): void {
    if (!open) return
    open = false
    endRow()
    held.release()
    keyboard.close()
  }

  function gone(): void {
    if (!open) return
    close()
    options.onGone()
  }

  function setPrompt(text: string): void {
    const words = text.trim()
    if (words !== prompt) print(wrapLines(words, output.columns))
    prompt = words
  }

  const keyboard = openKeyboard({ input, press, bracket: bracketLines, onGone: gone })
  const held = holdTerminal({
    on: () => void input.setRawMode(true),
    off: () => void input.setRawMode(false),
    leave: endRow,
    back() {
      echoed = false
      print(wrapLines(prompt, output.columns))
      echo(line)
    },
  })
  setPrompt(options.prompt)

  return {
    print,
    setPrompt,
    setStatus: () => undefined,
    get text() {
      return line
    },
    replace,
    close,
  }
}
