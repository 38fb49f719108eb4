/** How the answer to one question is written. */
export interface AnswerForm {
  /** Such as "a whole number", for the sheet and for whoever wrote something else. */
  readonly what: string
  /** Gives every spelling of one answer the same form; null for what is no answer of this kind. */
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

export function oneOf(...words: readonly string[]): AnswerForm {
  return {
    what: `one of ${words.join(', ')}`,
    canonical(raw) {
      const word = raw.toLowerCase()
      return words.includes(word) ? word : null
    },
  }
}
