// oxlint-disable no-control-regex -- to a terminal, a key that is a command is a control character
import { printable } from '../terminal/printable.ts'

/** Asks the terminal to bracket what is pasted (xterm's mode 2004), and to stop doing so. */
export const BRACKETED_PASTE_ON = '\x1b[?2004h'
export const BRACKETED_PASTE_OFF = '\x1b[?2004l'

/** The brackets around what is pasted. */
export const PASTE_START = '\x1b[200~'
export const PASTE_END = '\x1b[201~'

/** What a person did: typed text, pressed a key that is a command (its control character or escape sequence), pasted. */
export interface Key {
  readonly kind: 'text' | 'control' | 'paste'
  readonly text: string
}

/** Everything but control characters and the two separators that readline takes for the end of a line. */
const TEXT = /^[^\p{Cc}\u2028\u2029]+/u

/** A control sequence (ECMA-48, section 5.4) or function key, with or without Alt; Alt with a key; or one character. */
const CONTROL = /^(?:\x1b{1,2}\[[\x20-\x3f]{0,30}[\x40-\x7e]|\x1b{1,2}O.|\x1b?[^])/u

/** The beginning of an escape sequence whose rest has not arrived, or the Escape key. */
const UNFINISHED = /^\x1b{1,2}(?:\[[\x20-\x3f]{0,30}|O)?$/

/** No key sends these: controls of eight bits, and the two separators. */
const NO_KEY = /^[\x80-\x9f\u2028\u2029]/

/** Turns what a terminal sends, cut anywhere, into keys. */
export interface KeyDecoder {
  /** Keeps the beginning of an escape sequence or of a paste's end for the next chunk. */
  push(chunk: string): Key[]
  /** Forgets the beginning of an escape sequence: nothing followed, so it was the Escape key, which means nothing. */
  expire(): void
}

/** The longest end of `text` that `mark` begins with: the mark may be cut there. */
function cutMark(text: string, mark: string): string {
  for (let length = Math.min(mark.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(mark.slice(0, length))) return mark.slice(0, length)
  }
  return ''
}

/** @param maxPaste how many UTF-16 code units of one paste are kept; the rest of it is dropped */
export function keyDecoder(maxPaste: number): KeyDecoder {
  let held = ''
  let paste: string | null = null

  return {
    push(chunk) {
      const keys: Key[] = []
      let rest = held + chunk
      held = ''
      while (rest !== '') {
        if (paste !== null) {
          const end = rest.indexOf(PASTE_END)
          if (end < 0) held = cutMark(rest, PASTE_END)
          const pasted = rest.slice(0, end < 0 ? rest.length - held.length : end)
          if (paste.length < maxPaste) paste += pasted.slice(0, maxPaste - paste.length)
          if (end < 0) break
          keys.push({ kind: 'paste', text: paste })
          paste = null
          rest = rest.slice(end + PASTE_END.length)
          continue
        }
        if (UNFINISHED.test(rest)) {
          held = rest
          break
        }
        const typed = TEXT.exec(rest)?.[0]
        const text = typed ?? CONTROL.exec(rest)?.[0] ?? rest
        if (text === PASTE_START) paste = ''
        else if (!NO_KEY.test(text)) keys.push({ kind: typed === undefined ? 'control' : 'text', text })
        rest = rest.slice(text.length)
      }
      return keys
    },
    expire() {
      if (paste === null) held = ''
    },
  }
}

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
