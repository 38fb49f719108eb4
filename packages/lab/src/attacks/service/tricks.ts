import type { Mark } from '../attack.ts'

/** Text that is meant for the terminal and not for the person in front of it. */
export interface Trick {
  /** What it would do. */
  readonly effect: string
  readonly text: string
  /** Letters of it that a reader must see, so that it is known to have come this far. */
  readonly shown: string
}

/** What terminals obey: ECMA-48 and the control sequences of xterm; and what turns the order of letters (UAX #9). */
export const TRICKS: readonly Trick[] = [
  { effect: 'gives the window another title', text: '\x1b]0;title-of-mallory\x07', shown: 'title-of-mallory' },
  { effect: 'clears the screen', text: 'clear-me\x1b[2J\x1b[H', shown: 'clear-me' },
  { effect: 'writes into the clipboard', text: '\x1b]52;c;Y2xpcGJvYXJk\x07', shown: 'Y2xpcGJvYXJk' },
  { effect: 'makes the terminal type an answer', text: 'who-are-you\x1b[c\x1b[6n', shown: 'who-are-you' },
  { effect: 'overwrites the line', text: 'harmless\rover-it', shown: 'over-it' },
  { effect: 'wipes out letters', text: 'wiped-out\b\b\b\b\x7f', shown: 'wiped-out' },
  {
    effect: 'gives commands in one byte each, as terminals of 8 bits take them',
    text: '\x9b31mred-\x9d0;x\x9c',
    shown: 'red-',
  },
  { effect: 'turns the letters around', text: '\u202eegap-gpj\u202c\u2066\u2069', shown: 'egap-gpj' },
  { effect: 'hides letters', text: 'hid\u200bden\u2060\ufeff-here', shown: '-here' },
  { effect: 'speaks as someone else', text: 'well\nalice: pay-mallory', shown: 'pay-mallory' },
]

/** Controls but the newline, and what has no shape but moves or hides others. */
const COMMANDS = /(?!\n)\p{Cc}|[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** The same, and characters beyond ASCII, such as the signs that stand for them. */
const NOTABLE = new RegExp(`(?<command>(?:${COMMANDS.source})+)|(?:(?!${COMMANDS.source})[^\\n -~])+`, 'gu')

/** Which bytes of a text are commands, and which are only signs. */
export function marksOf(text: string): Mark[] {
  return [...text.matchAll(NOTABLE)].map(({ 0: found, index, groups }) => {
    const from = Buffer.byteLength(text.slice(0, index))
    const meaning = groups?.['command'] === undefined ? 'only a sign' : 'a command'
    return { from, to: from + Buffer.byteLength(found), meaning }
  })
}

/** Kinds of control characters that are named. */
const CODES_NAMED = 4

/** What a program printed and must not print, in words; null if there is nothing. */
export function commandsIn(printed: Uint8Array): string | null {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(printed)
  } catch {
    return 'bytes that are no UTF-8'
  }
  const found = text.match(COMMANDS) ?? []
  if (found.length > 0) {
    const codes = [...new Set(found)].map(character => character.charCodeAt(0).toString(16).padStart(4, '0'))
    return `control characters: ${found.length}, among them U+${codes.slice(0, CODES_NAMED).join(', U+')}`
  }
  return /^alice: /m.test(text) ? 'a line that alice never said' : null
}
