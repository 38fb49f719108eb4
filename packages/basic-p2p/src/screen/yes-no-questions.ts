import type { LineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { MAX_LINE_BYTES } from '@p2p-secure-chat/core/input/lines'
import { readYesNo, YES_OR_NO } from '@p2p-secure-chat/core/input/questions'

/**
 * How long a question waits for keys that were pressed before anybody could see it, in milliseconds. A program may be
 * slow to read them.
 */
const LAG = 50

/** How long nothing may have been typed until a question appears, in milliseconds, where somebody is or was typing. */
const PAUSE = 500

/** How often such a pause is waited for: then a question appears in the midst of typing. */
const PATIENCE = 20

/** Questions to a person who also types other things. */
export interface YesNoQuestions {
  /** What to show in place of the prompt; null while no question stands. */
  readonly prompt: string | null
  /** Asks, once the questions before have their answers. There is no answer by Enter alone. */
  ask(question: string): Promise<boolean>
  /** Takes an entered line. @returns false when nothing is asked, so that the line means something else */
  enter(line: string): boolean
  /** Says no. @returns false when nothing is asked */
  refuse(): boolean
  /** Says no to everything. */
  close(): void
}

export interface YesNoQuestionsOptions {
  readonly editor: () => Pick<LineEditor, 'text' | 'replace'>
  /** Shows something above what is typed. */
  readonly say: (text: string) => void
  /** Told of a question that stood on the screen, and was answered with a no by a key. */
  readonly onRefused: (question: string) => void
  /** Told when the prompt is another one. */
  readonly onChange: () => void
}

interface Question {
  readonly words: string
  readonly answer: (yes: boolean) => void
}

/**
 * Keeps what is typed and what is asked apart. A question appears when nobody types, with an empty line of its own; what
 * was typed before, and lines that are no answer, are put back when it is over, and go nowhere.
 */
export function yesNoQuestions({ editor, say, onRefused, onChange }: YesNoQuestionsOptions): YesNoQuestions {
  const waiting: Question[] = []
  let standing: Question | null = null
  let timer: NodeJS.Timeout | undefined
  /** What goes back into the line. */
  let kept = ''
  /** Whether the last of it was entered, so that more of it is a line of its own. */
  let entered = false
  /** When the last line was entered, whatever it meant. */
  let enteredAt = -Infinity

  function keep(text: string): void {
    if (text.trim() === '') return
    const all = entered ? `${kept}\n${text}` : kept + text
    if (Buffer.byteLength(all) <= MAX_LINE_BYTES) kept = all
    else say(`not kept: a line is at most ${MAX_LINE_BYTES} bytes long`)
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
      // What was typed before it appeared is still in the line.
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
