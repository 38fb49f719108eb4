/** One thing that may stand at the cursor. */
export interface CompletionChoice {
  /** All of it, with a blank or a slash at the end where one follows. */
  readonly text: string
  /** What it is called in a list of choices, without what they all have in common. */
  readonly label: string
}

/** What may take the place of the end of a line. */
export interface CompletionOffer {
  /** The end of the line before the cursor that a choice replaces; it may be empty. */
  readonly word: string
  readonly choices: readonly CompletionChoice[]
}

/** What the Tab key does: replaces the end of the line, or shows what there is to choose from, or neither. */
export interface Completion {
  /** What to take away before the cursor. */
  readonly remove: string
  readonly insert: string
  readonly labels: readonly string[]
}

export const NO_OFFER: CompletionOffer = { word: '', choices: [] }

function commonStart(words: readonly string[]): string {
  const [first = '', ...others] = words
  let length = first.length
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1
  }
  // Never half a character.
  return first.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}

/**
 * Completes with all that the choices have in common. Only a single choice may rewrite the word, as a file name that
 * needs quotes does.
 */
export function completeWord({ word, choices }: CompletionOffer): Completion {
  const common = commonStart(choices.map(({ text }) => text))
  const labels = choices.map(({ label }) => label)
  if (common.startsWith(word)) return { remove: '', insert: common.slice(word.length), labels }
  return choices.length === 1 ? { remove: word, insert: common, labels } : { remove: '', insert: '', labels }
}
