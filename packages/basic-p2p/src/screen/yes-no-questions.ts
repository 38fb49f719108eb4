import type { LineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { MAX_LINE_BYTES } from '@p2p-secure-chat/core/input/lines'
import { readYesNo, YES_OR_NO } from '@p2p-secure-chat/core/input/questions'

/** How long a question waits for keys pressed before it was visible, in milliseconds: they may be read late. */
const LAG = 50

/** Pause in typing after which a question appears, in milliseconds, if the user is or was typing. */
const PAUSE = 500

/** How many pauses to wait for: after that a question appears even while the user types. */
const PATIENCE = 20

/** Yes-or-no questions to a person who may be typing something else. */
export interface YesNoQuestions {
  /** Replaces the prompt; null while there is no question on the screen. */
  readonly prompt: string | null
  /** Asks, once all earlier questions are answered. Enter alone is no answer. */
  ask(question: string): Promise<boolean>
  /** Handles an entered line. @returns false if there is no question, so the line means something else */
  enter(line: string): boolean
  /** Answers no. @returns false if there is no question */
  refuse(): boolean
  /** Answers no to everything. */
  close(): void
}

export interface YesNoQuestionsOptions {
  readonly editor: () => Pick<LineEditor, 'text' | 'replace'>
  /** Shows a text above the line being typed. */
  readonly say: (text: string) => void
  /** Called when a key (such as Ctrl-C) answers a visible question with no. */
  readonly onRefused: (question: string) => void
  /** Called when the prompt changes. */
  readonly onChange: () => void
}

interface Question {
  readonly words: string
  readonly answer: (yes: boolean) => void
}

/**
 * Keeps typed text and answers apart. A question appears while nobody types, on an empty line of its own. Text typed before
 * it, and lines that are no answer, are sent nowhere: they return to the line once it is answered.
 */
export function yesNoQuestions({ editor, say, onRefused, onChange }: YesNoQuestionsOptions): YesNoQuestions {
  const waiting: Question[] = []
  let standing: Question | null = null
  let timer: NodeJS.Timeout | undefined
  /** Text to put back into the line. */
  let kept = ''
  /** Whether it ends with an entered line, so that what follows is a line of its own. */
  let entered = false
  /** When the last line was entered, answer or not. */
  let enteredAt = -Infinity

  function keep(text: string): void {
    if (text.trim() === '') return
    const all = entered ? `${kept}\n${text}` : kept + text
    if (Buffer.byteLength(all) <= MAX_LINE_BYTES) kept = all
    else say(`dropped: a line has at most ${MAX_LINE_BYTES} bytes`)
  }

  function appearSoon(): void {
    const sinceEntered = performance.now() - enteredAt
    appearAfter(editor().text === '' ? Math.max(LAG, PAUSE - sinceEntered) : PAUSE, PATIENCE)
  }

  function appearAfter(milliseconds: number, patience: number): void {
    const { text } = editor()
    const before = enteredAt
    timer = setTimeout(() => {
      if ((editor().text !== text || enteredAt !== before) && patience > 0) return appearAfter(PAUSE, patience - 1)
      standing = waiting[0] ?? null
      keep(editor().text)
      editor().replace('')
      onChange()
    }, milliseconds)
  }

  function end(yes: boolean): void {
    clearTimeout(timer)
    const question = waiting.shift()
    standing = null
    editor().replace(kept)
    kept = ''
    entered = false
    onChange()
    question?.answer(yes)
    if (waiting.length > 0) appearAfter(PAUSE, PATIENCE)
  }

  return {
    get prompt() {
      return standing === null ? null : `${standing.words}\nyes or no? `
    },
    ask(words) {
      return new Promise(answer => {
        waiting.push({ words, answer })
        if (waiting.length === 1) appearSoon()
      })
    },
    enter(line) {
      enteredAt = performance.now()
      if (waiting.length === 0) return false
      const yes = standing === null ? null : readYesNo(line)
      if (yes !== null) {
        end(yes)
        return true
      }
      keep(line)
      entered = kept !== ''
      if (standing !== null) say(YES_OR_NO)
      return true
    },
    refuse() {
      const [question] = waiting
      if (question === undefined) return false
      const shown = standing !== null
      // Until it appears, typed text is still in the line.
      if (!shown) keep(editor().text)
      end(false)
      if (shown) onRefused(question.words)
      return true
    },
    close() {
      clearTimeout(timer)
      for (const { answer } of waiting.splice(0)) answer(false)
    },
  }
}
