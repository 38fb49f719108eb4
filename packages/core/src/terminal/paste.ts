import { PASTE_END, PASTE_START } from './keys.ts'
import { printable } from './printable.ts'

/** Lines of text, without a key among them that is a command. */
const LINES = /^(?:\P{Cc}|[\t\r\n])+$/u
const NEWLINE_BEFORE_MORE = /[\r\n][^\r\n]/

/**
 * Puts brackets around several lines that arrived at once, for a terminal that was not asked to do so: nobody types an
 * Enter and what follows it within one read. Of a paste that takes several reads, the parts become pastes.
 */
export function bracketLines(chunk: string): string {
  const pasted = NEWLINE_BEFORE_MORE.test(chunk) && LINES.test(chunk)
  return pasted ? PASTE_START + chunk + PASTE_END : chunk
}

/**
 * What a paste adds to the line: printable text, so that what is sent was seen, with newlines between its lines and none at
 * the end.
 */
export function pastedText(paste: string): string {
  return printable(paste.replace(/\r\n?/g, '\n').replace(/\n+$/, ''), Infinity)
}
