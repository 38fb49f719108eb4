// oxlint-disable no-control-regex -- terminals answer in escape sequences
import type { CursorPlace } from './line-layout.ts'

/** Asks a terminal where its cursor is, and its answer (DSR and CPR of ECMA-48, sections 8.3.35 and 8.3.14). */
const QUESTION = '\x1b[6n'
const ANSWER = /^\x1b\[(\d{1,5});(\d{1,5})R$/

/** Keeps the place of the cursor, and puts it back there (DECSC and DECRC of the VT100). */
const SAVE = '\x1b7'
const RESTORE = '\x1b8'

/** How long an answer may take, in milliseconds. */
const ANSWER_WAIT = 500

/** Is given the place on the screen, from 0; null where the terminal does not say. */
type Take = (place: CursorPlace | null) => void

/** Where the cursor of a terminal is, as that says itself. */
export interface CursorReports {
  /** Whether the terminal is one that never says it. */
  readonly silent: boolean
  /** Asks. @param moves moves the cursor first, which is put back behind the question */
  ask(take: Take, moves?: string): void
  /** Looks at what comes from the keyboard. @returns whether it was an answer, and no key */
  take(sequence: string): boolean
  close(): void
}

export function cursorReports(output: { write(text: string): unknown }): CursorReports {
  let silent = false
  let answered = false
  let waiting: Take[] = []
  let timer: NodeJS.Timeout | undefined

  function wait(): void {
    // A busy process reads first what has come meanwhile.
    timer = setTimeout(() => setImmediate(giveUpUnlessAnswered, waiting[0]), ANSWER_WAIT)
  }

  function giveUpUnlessAnswered(asked: Take | undefined): void {
    if (asked === undefined || waiting[0] !== asked) return
    silent = !answered
    const all = waiting
    waiting = []
    for (const take of all) take(null)
  }

  return {
    get silent() {
      return silent
    },
    ask(take, moves = '') {
      if (silent) return take(null)
      waiting.push(take)
      if (waiting.length === 1) wait()
      output.write(moves === '' ? QUESTION : `${SAVE}${moves}${QUESTION}${RESTORE}`)
    },
    take(sequence) {
      const [, row, column] = ANSWER.exec(sequence) ?? []
      const next = row === undefined ? undefined : waiting.shift()
      if (next === undefined) return false
      answered = true
      clearTimeout(timer)
      if (waiting.length > 0) wait()
      next({ row: Number(row) - 1, column: Number(column) - 1 })
      return true
    },
    close() {
      clearTimeout(timer)
      waiting = []
    },
  }
}
