/** What the Tab key does: inserts text, or shows what there is to choose from, or neither. */
export interface Completion {
  readonly insert: string
  readonly choices: readonly string[]
}

function commonStart(words: readonly string[]): string {
  const [first = '', ...others] = words
  let length = first.length
  for (const other of others) {
    while (!other.startsWith(first.slice(0, length))) length -= 1
  }
  return first.slice(0, length)
}

/**
 * Completes the last word of a line, which may be empty: with all that the matching candidates have in common, and a
 * space after the only one.
 *
 * @param before the line up to the cursor
 * @param candidates words that may stand there, in the order to show them
 */
export function completeWord(before: string, candidates: readonly string[]): Completion {
  const word = before.split(/\s/).at(-1) ?? ''
  const choices = candidates.filter(candidate => candidate.startsWith(word))
  const common = commonStart(choices)
  return { insert: common.slice(word.length) + (choices.length === 1 ? ' ' : ''), choices }
}
