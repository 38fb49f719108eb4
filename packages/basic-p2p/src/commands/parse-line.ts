/** Where lines come from: a person at a terminal, a plain pipe, or a script that reads `--json`. */
export type InputMode = 'terminal' | 'pipe' | 'json'

/** What an entered line is: a text to the selected peer, or a command and the text after it and one blank. */
export type ParsedLine = { readonly text: string } | { readonly command: string; readonly rest: string }

const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
const UNSEEN_START = /^[\s\p{Cf}\p{Default_Ignorable_Code_Point}]+(?=\/)/u

/** The words of the original project that a person at a terminal may still type. */
const ORIGINAL_WORDS: Readonly<Record<string, string>> = { 'Get Users': '/who', EOM: '/leave', EXIT: '/quit' }

/**
 * Reads an entered line: a command when it starts with a slash, in any case, and `//x` is the text `/x`. At a terminal
 * blanks and characters that nobody sees may stand before the slash: a slip of the hand must not send a command to a
 * peer. A pipe sends exactly what is in it.
 */
export function parseLine(line: string, inputMode: InputMode): ParsedLine {
  const input = inputMode === 'terminal' ? (ORIGINAL_WORDS[line.trim()] ?? line.replace(UNSEEN_START, '')) : line
  if (!input.startsWith('/')) return { text: input }
  if (input.startsWith('//')) return { text: input.slice(1) }
  const [, name = '', rest = ''] = /^\/(\S*)\s?([^]*)$/.exec(input) ?? []
  return { command: withoutInvisible(name).toLowerCase(), rest }
}

/** Whether a text or a file is lost with this line if it fails. */
export function carriesText(line: string, inputMode: InputMode): boolean {
  return saysSomething(parseLine(line, inputMode))
}

function saysSomething(parsed: ParsedLine): boolean {
  if ('text' in parsed) return true
  return ['msg', 'json', 'send'].includes(parsed.command) && parsed.rest !== ''
}

/** What a line of a pipe may be about. */
export interface LineState {
  /** Whom we are calling now. */
  readonly calling: readonly string[]
  /** To whom a plain line goes; null when there is nobody. */
  readonly selected: string | null
  /** Whether texts wait that stand before the line. */
  readonly behindTexts: boolean
}

/** When the turn of a line of a pipe comes: a `text` and an `other` wait for the lines before them, an `urgent` one does not. */
export type LineKind = 'text' | 'urgent' | 'other'

/** @param state what there is now, where that matters */
export function lineKind(line: string, inputMode: InputMode, state: () => LineState): LineKind {
  const parsed = parseLine(line, inputMode)
  if (saysSomething(parsed)) return 'text'
  return 'command' in parsed && isUrgent(parsed, state()) ? 'urgent' : 'other'
}

/**
 * Whether a command must not wait for a call of ours: it answers somebody who calls now, or hangs up. Texts that stand
 * before a `/leave` go first, once there is an answer.
 */
function isUrgent(
  parsed: Extract<ParsedLine, { command: string }>,
  { calling, selected, behindTexts }: LineState,
): boolean {
  if (parsed.command === 'accept' || parsed.command === 'decline') return true
  if (parsed.command !== 'leave' || behindTexts) return false
  const name = withoutInvisible(parsed.rest).trim().toLowerCase() || selected
  return name === null ? calling.length > 0 : calling.includes(name)
}

/** A word without what came along when it was copied from elsewhere, and shows on no screen. */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '')
}
