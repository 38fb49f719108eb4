import { lazily } from '../lazily.ts'

/** The most text shown by default, in UTF-16 code units: a text message (16 KiB of UTF-8) fits. */
export const MAX_PRINTED_CHARACTERS = 16_384

/** More accents than any language stacks on one letter; beyond that they climb over the neighbouring lines. */
const MAX_ACCENTS = 4

/** The same for the marks that belong to a script of their own: a Tibetan stack has seven, a Burmese syllable five. */
const MAX_MARKS = 8

const ELLIPSIS = '\u2026'
const REPLACEMENT = '\ufffd'
const NEWLINE_SYMBOL = '\u2424'
const TAB_SYMBOL = '\u2409'
const DELETE_SYMBOL = '\u2421'

/** U+2400 to U+241F are pictures of the C0 controls, in the same order. */
const CONTROL_PICTURES = 0x2400

/** Text in which nothing needs a second look. */
const PLAIN = /^[\t\n\x20-\x7e]*$/

/** Line ends of all kinds but those that are controls by themselves. */
const LINE_ENDS = /\r\n|[\u2028\u2029]/g

/** What can command a terminal, and halves of surrogate pairs. */
const CONTROL = /(?![\t\n])[\p{Cc}\p{Cs}]/gu

/**
 * What fonts draw as nothing (\p{DI}: zero-width, fillers, bidi controls, selectors, tags); code points that are no
 * characters; interlinear annotations and hieroglyph joiners.
 */
const INVISIBLE = '\\p{DI}\\p{NChar}\\ufff9-\\ufffb\\u{13430}-\\u{1343f}'

const JOINERS = '\\u200c\\u200d'
const ZERO_WIDTH_SPACE = '\\u200b'
const DIRECTION_MARKS = '\\u200e\\u200f\\u061c'
const MONGOLIAN_SELECTORS = '\\u180b-\\u180d\\u180f'
const SELECTORS = `\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}${MONGOLIAN_SELECTORS}`

/** The invisible characters that have work to do in some places. */
const WORKERS = `${JOINERS}${ZERO_WIDTH_SPACE}${SELECTORS}\\u180e`

const neverWorking = lazily(() => new RegExp(`[[${INVISIBLE}]--[${WORKERS}${DIRECTION_MARKS}]]`, 'gv'))

/** Vowels and final consonants of Hangul are drawn into the cell before them, as combining marks (\p{M}) are. */
const MARK = '[\\p{M}\\u1160-\\u11ff\\ud7b0-\\ud7ff]'
const ACCENT = '[[\\p{M}&&\\p{sc=Zinh}]\\u1160-\\u11ff\\ud7b0-\\ud7ff]'

/** Marks on one letter beyond that many. What is invisible between them does not begin another letter. */
function surplus(mark: string, most: number): RegExp {
  const between = `[${JOINERS}${ZERO_WIDTH_SPACE}${DIRECTION_MARKS}\\u180e]*`
  return new RegExp(`(${mark}(?:${between}${mark}){${most - 1}})(?:${between}${mark})+`, 'gv')
}

const surplusMarks = lazily(() => surplus(MARK, MAX_MARKS))
const surplusAccents = lazily(() => surplus(ACCENT, MAX_ACCENTS))

const scripts = (names: string) => names.replaceAll(/\w+ ?/g, name => `\\p{scx=${name.trim()}}`)

/** Scripts whose letters join or form ligatures, which joiners and non-joiners decide. */
const JOINING = scripts(
  'Arab Syrc Nkoo Mand Mong Phag Adlm Rohg Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Thai Laoo Tibt Mymr Khmr ' +
    'Bali Java Sund Cham Lana Mtei Cakm Newa Tirh',
)

/** Scripts that are written without blanks between words, so that U+200B says where a row may end. */
const WITHOUT_BLANKS = scripts('Thai Laoo Khmr Mymr Tibt Tale Talu Lana Tavt Bali Java Cham')

const VISIBLE = '[[\\p{L}\\p{M}\\p{N}\\p{P}]--\\p{DI}]'

/** Looks back only where there is such a character, for that takes time. */
function behind(base: string, worker: string): string {
  return `${worker}(?<=${base}${worker})`
}

/** One more of those that stand between letters; people type U+200B twice, and a mark of direction beside a joiner. */
const ANOTHER = `[${JOINERS}${ZERO_WIDTH_SPACE}${DIRECTION_MARKS}]?`

/** Between two characters that can be seen, of which one at least is a letter, mark or digit of these scripts. */
function amidst(worker: string, living: string): string {
  const one = `[[${living}]&&${VISIBLE}]`
  return `${behind(one + ANOTHER, worker)}(?=${ANOTHER}${VISIBLE})|${behind(VISIBLE + ANOTHER, worker)}(?=${ANOTHER}${one})`
}

const VIRAMA = '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u1039]'

const MONGOLIAN = '[\\p{sc=Mong}&&\\p{L}]'

/** One pictograph as Unicode Technical Standard 51 builds them: with a presentation selector or a skin tone. */
const PICTOGRAPH = '\\p{ExtPict}(?:[\\ufe0e\\ufe0f]|\\p{EMod})?'

/**
 * Where an invisible character does visible work, so that it stays: up to four joined pictographs (no emoji in use joins
 * more) and keycaps; joiners after a virama (RFC 5892, appendix A), and in words of the scripts that use them; U+200B
 * likewise; one variation selector behind a base of the kind for which some are registered (StandardizedVariants.txt of
 * Unicode, and its Ideographic Variation Database); the Mongolian vowel separator.
 */
const WORKING = [
  `${PICTOGRAPH}(?:\\u200d${PICTOGRAPH}){0,3}`,
  '[0-9#*]\\ufe0f\\u20e3',
  behind(VIRAMA, `[${JOINERS}]`),
  amidst(`[${JOINERS}]`, JOINING),
  amidst(ZERO_WIDTH_SPACE, WITHOUT_BLANKS),
  behind('[\\p{sc=Han}&&\\p{L}]', '[\\ufe00-\\ufe02\\u{e0100}-\\u{e01ef}]'),
  behind('[\\u3001\\u3002\\uff01\\uff0c\\uff0e\\uff1a\\uff1b\\uff1f]', '[\\ufe00\\ufe01]'),
  behind('[[\\p{sc=Mymr}\\p{sc=Phag}]&&\\p{L}]', '\\ufe00'),
  behind(MONGOLIAN, `[${MONGOLIAN_SELECTORS}]`),
  `${behind(`${MONGOLIAN}[${MONGOLIAN_SELECTORS}]?`, '\\u180e')}(?=${MONGOLIAN})`,
]

const workingOrNot = lazily(() => new RegExp(`${WORKING.join('|')}|(?<idle>[${WORKERS}])`, 'gv'))

/** What is shown in place of a control character or half of a surrogate pair, one cell wide. */
function cell(control: string): string {
  if (control === '\x7f') return DELETE_SYMBOL
  return control < ' ' ? String.fromCharCode(CONTROL_PICTURES + control.charCodeAt(0)) : REPLACEMENT
}

/**
 * Makes text from a peer or the directory safe to print: it can neither command the terminal nor hide, reorder or
 * overwrite anything. What people write, in any living script, passes unchanged.
 *
 * - Each control character but newline and tab, and each half of a surrogate pair, becomes one visible cell. Escape
 *   sequences are left in pieces that can be read.
 * - Invisible characters stay where they do visible work, as in a family emoji, a Persian word, or between Khmer words;
 *   elsewhere they are dropped. Marks of direction (RLM, LRM, ALM) stay everywhere. Bidi embeddings, overrides and isolates
 *   are dropped, and so are tags, which can spell out any hidden text (and with them what makes a flag that of a region).
 * - A newline stays a newline (CR LF, U+2028 and U+2029 become one), so whatever prints several lines must indent those
 *   after the first, or they could pass for the words of somebody else. A tab stays; wrapLines() makes blanks of it.
 * - Accents beyond four on one letter, and marks beyond eight, are dropped.
 *
 * @param maxCharacters how long the result may be, and how much of `text` is looked at, in UTF-16 code units; an ellipsis
 * behind that stands for what is cut off
 */
export function printable(text: string, maxCharacters = MAX_PRINTED_CHARACTERS): string {
  // Nothing below makes it longer.
  const shown = text.length > maxCharacters ? text.slice(0, maxCharacters) + ELLIPSIS : text
  if (PLAIN.test(shown)) return shown
  return shown
    .replace(LINE_ENDS, '\n')
    .replace(CONTROL, cell)
    .replace(neverWorking(), '')
    .replace(surplusMarks(), '$1')
    .replace(surplusAccents(), '$1')
    .replace(workingOrNot(), (match: string, idle?: string) => (idle === undefined ? match : ''))
}

/** Does the same for what must stay on one line (error texts, notices, paths): newlines and tabs become cells as well. */
export function printableLine(text: string, maxCharacters = MAX_PRINTED_CHARACTERS): string {
  return printable(text, maxCharacters).replaceAll('\n', NEWLINE_SYMBOL).replaceAll('\t', TAB_SYMBOL)
}

const unseen = lazily(() => new RegExp(`[${INVISIBLE}\\u2800]`, 'gv'))

/** Does the same for the name of a file, in which nothing invisible stays, whatever its work: other names look other. */
export function printableName(name: string, maxCharacters = MAX_PRINTED_CHARACTERS): string {
  return printableLine(name, maxCharacters).replace(unseen(), '')
}

/** A path as one word for a POSIX shell, and for the terminal. */
export function shellWord(path: string): string {
  const shown = printableLine(path)
  return /^[\w./:@%+=-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}
