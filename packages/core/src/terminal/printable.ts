/** The most text shown by default, in UTF-16 code units: a text message (16 KiB of UTF-8) fits, but for many tabs. */
export const MAX_PRINTED_CHARACTERS = 16_384

/** More marks than any living script stacks on one letter; beyond that they climb over the neighbouring lines. */
const MAX_MARKS = 4

/** A tab's real width depends on the column, which only the terminal knows. */
const TAB = '    '

const ELLIPSIS = '\u2026'
const REPLACEMENT = '\ufffd'
const NEWLINE_SYMBOL = '\u2424'
const DELETE_SYMBOL = '\u2421'

/** U+2400 to U+241F are pictures of the C0 controls, in the same order. */
const CONTROL_PICTURES = 0x2400

/** Text in which nothing needs a second look. */
const PLAIN = /^[\n\x20-\x7e]*$/

/** Vowels and final consonants of Hangul are drawn into the cell before them, as combining marks (\p{M}) are. */
const SURPLUS_MARKS = new RegExp(
  `([\\p{M}\\u1160-\\u11ff\\ud7b0-\\ud7ff]{${MAX_MARKS}})[\\p{M}\\u1160-\\u11ff\\ud7b0-\\ud7ff]+`,
  'gu',
)

/** One pictograph as Unicode Technical Standard 51 builds them: with a presentation selector or a skin tone. */
const PICTOGRAPH = '\\p{ExtPict}(?:[\\ufe0e\\ufe0f]|\\p{EMod})?'

/**
 * Sequences in which an invisible character does visible work, so that it may stay: up to four joined pictographs (no
 * emoji in use joins more), a keycap, a joiner after a virama, a non-joiner within an Arabic word (RFC 5892, appendix A).
 */
const WORKING = [
  `${PICTOGRAPH}(?:\\u200d${PICTOGRAPH}){0,3}`,
  '[0-9#*]\\ufe0f\\u20e3',
  '(?<=[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u1039])[\\u200c\\u200d]',
  '(?<=[\\u0620-\\u06d3])\\u200c(?=[\\u0620-\\u06d3])',
]

/**
 * Controls; halves of surrogate pairs; what fonts draw as nothing (\p{DI}: zero-width, fillers, bidi controls,
 * selectors, tags); line and paragraph separators; code points that are no characters; interlinear annotations and
 * hieroglyph joiners.
 */
const HIDDEN = '[\\p{Cc}\\p{Cs}\\p{DI}\\p{Zl}\\p{Zp}\\p{NChar}\\ufff9-\\ufffb\\u{13430}-\\u{1343f}]'

const WORKING_OR_HIDDEN = new RegExp(`${WORKING.join('|')}|(?!\\n)(?<hidden>${HIDDEN})`, 'gu')

/** What is shown in place of a hidden character, one cell wide. */
function cell(hidden: string): string {
  if (hidden === '\x7f') return DELETE_SYMBOL
  return hidden < ' ' ? String.fromCharCode(CONTROL_PICTURES + hidden.charCodeAt(0)) : REPLACEMENT
}

/**
 * Makes text from a peer or the directory safe to print: it can neither command the terminal nor hide, reorder or
 * overwrite anything. What people write, in any script, passes unchanged.
 *
 * - Each control character, and each character that would be invisible, becomes one visible cell. Escape sequences are
 *   thereby left in pieces that can be read.
 * - Invisible characters stay only where they do visible work, as in a family emoji or a Persian word. Flags of regions
 *   are not among these, for their tag characters can spell out any hidden text.
 * - A newline stays a newline (CR LF becomes one), so whoever prints several lines must indent those after the first,
 *   or they could pass for the words of somebody else. A tab becomes spaces.
 * - Marks beyond four on one letter are dropped; half a surrogate pair becomes U+FFFD.
 *
 * @param maxCharacters how long the result may be, and how much of `text` is looked at, in UTF-16 code units; an ellipsis
 * behind that stands for what is cut off
 */
export function printable(text: string, maxCharacters = MAX_PRINTED_CHARACTERS): string {
  const spread = text.slice(0, maxCharacters).replaceAll('\r\n', '\n').replaceAll('\t', TAB)
  const cut = text.length > maxCharacters || spread.length > maxCharacters
  // Nothing below makes it longer.
  const shown = cut ? spread.slice(0, maxCharacters) + ELLIPSIS : spread
  if (PLAIN.test(shown)) return shown
  return shown
    .replace(SURPLUS_MARKS, '$1')
    .replace(WORKING_OR_HIDDEN, (match: string, hidden?: string) => (hidden === undefined ? match : cell(hidden)))
}

/** Does the same for what must stay on one line (names, file names, error texts): a newline becomes a cell as well. */
export function printableLine(text: string, maxCharacters = MAX_PRINTED_CHARACTERS): string {
  return printable(text, maxCharacters).replaceAll('\n', NEWLINE_SYMBOL)
}
