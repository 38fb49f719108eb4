import { ChatError } from '@p2p-secure-chat/core/errors'
import { closeMatch } from './close-match.ts'

/**
 * A `usage` error: there is nothing of that kind by that name, and which one was meant, most likely.
 *
 * @param kind in a word: `command`, `setting`
 */
export function noSuch(kind: string, name: string, known: Iterable<string>, hint?: string): ChatError {
  const message = `there is no ${kind} ${didYouMean(name, closeMatch(name, known))}`
  return new ChatError('usage', message, hint === undefined ? {} : { hint })
}

/** What was said, and what was meant. */
export function didYouMean(said: string, meant: string | null): string {
  return meant === null ? said : `${said}; did you mean ${meant}?`
}
