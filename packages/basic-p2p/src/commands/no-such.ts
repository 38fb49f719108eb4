import { ChatError } from '@p2p-secure-chat/core/errors'
import { closeMatch } from './close-match.ts'

/** How much of a wrong word is said back, in UTF-16 code units. */
const SHORT = 40

/**
 * A `usage` error: there is nothing of that kind by that name, and which one was meant, most likely.
 *
 * @param kind in a word: `command`, `setting`
 */
export function noSuch(kind: string, name: string, known: Iterable<string>, hint?: string): ChatError {
  const message = `there is no ${kind} ${didYouMean(shortened(name), closeMatch(name, known))}`
  return new ChatError('usage', message, hint === undefined ? {} : { hint })
}

/** What was said, and what was meant. */
export function didYouMean(said: string, meant: string | null): string {
  return meant === null ? said : `${said}; did you mean ${meant}?`
}

/** What somebody said, no longer than it takes to recognise it. */
export function shortened(said: string): string {
  return said.length <= SHORT ? said : `${said.slice(0, SHORT)}...`
}
