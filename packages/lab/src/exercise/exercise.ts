import type { Listener } from '@p2p-secure-chat/core/net/listen'
import type { Variant } from './variant.ts'

/** One thing that is asked for. */
export interface Part {
  /** As it stands in the answer file and in a receipt. */
  readonly key: string
  readonly points: number
  /** The question, in words. */
  readonly asks: string
  /** How it is answered; null for what the script of the student has to show. */
  readonly form: AnswerForm | null
}

/** What is right: an answer in its canonical form, or a test of one, which says what is wrong, or null. */
export type Expected = string | ((answer: string) => string | null)

/** What a script has shown for each part that has no form: null where it is right, else what is wrong, in one line. */
export type ShownFile = Readonly<Record<string, string | null>>

/** One try of a script. */
export interface Trial {
  /** Ends the script early; what is shown then does not count. */
  readonly signal: AbortSignal
  /** Called when something did not come in time: on a busy machine, what is shown says nothing about the script. */
  readonly onLate: () => void
}

/** One exercise in one variant. */
export interface Prepared {
  /** The task, in paragraphs of Markdown. */
  readonly task: string
  /** Help in stages: each says a bit more than the one before. */
  readonly hints: readonly string[]
  /** The files in the folder besides the task sheet, the answer file and the script: by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
  /** For each part with a form. It never leaves the program. */
  readonly solution: Readonly<Record<string, Expected>>
  /**
   * Runs the script and sees what it does.
   *
   * @param script path of a copy that is alone in its folder
   */
  readonly tryScript?: (script: string, trial: Trial) => Promise<ShownFile>
}

/** A graded task: one noun to take home. */
export interface Exercise {
  /** As on the command line, and as its file is called. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  /** In which meeting of the course it belongs, 1 to 4. */
  readonly session: number
  /** How long a second-year student may need, in minutes. */
  readonly minutes: number
  readonly parts: readonly Part[]
  /** What the student writes: the name of a file, whose beginning lies in starters/ under that name; null for none. */
  readonly script: string | null
  prepare(variant: Variant): Promise<Prepared>
  /** A service of this machine that the task is about. @param port 0 for a free one */
  readonly serve?: (variant: Variant, port: number) => Promise<Listener>
}

/** All points of an exercise. */
export const pointsOf = ({ parts }: Exercise): number => parts.reduce((sum, { points }) => sum + points, 0)

/** How the answer to one question is written. */
export interface AnswerForm {
  /** Such as "a whole number", for the sheet and for the remark on anything else. */
  readonly what: string
  /** Gives every spelling of one answer the same form; null for anything that is not an answer of this kind. */
  canonical(raw: string): string | null
}

/** Longest answer, in characters: a record in hex has some hundreds. */
export const LONGEST_ANSWER = 4_096

export const wholeText: AnswerForm = {
  what: 'a text, word for word',
  // chat-lab read shows texts between quotation marks.
  canonical: raw => /^"(.+)"$/.exec(raw)?.[1] ?? raw,
}

export const wholeNumber: AnswerForm = {
  what: 'a whole number in decimal',
  canonical: raw => (/^\d+$/.test(raw) ? String(BigInt(raw)) : null),
}

export const hexBytes: AnswerForm = {
  what: 'bytes in hex',
  canonical(raw) {
    const digits = raw.replace(/[\s:]/g, '').toLowerCase()
    return /^(?:[0-9a-f]{2})+$/.test(digits) ? digits : null
  },
}

export const safetyNumberDigits: AnswerForm = {
  what: 'twelve groups of five digits',
  canonical(raw) {
    const digits = raw.replace(/\s/g, '')
    return /^\d{60}$/.test(digits) ? digits : null
  },
}

export function oneOfChoices(...words: readonly string[]): AnswerForm {
  return {
    what: `one of ${words.join(', ')}`,
    canonical(raw) {
      const word = raw.toLowerCase()
      return words.includes(word) ? word : null
    },
  }
}
