/** Languages whose terminals commonly draw characters of ambiguous width (Unicode Standard Annex 11) in two cells. */
const EAST_ASIAN = /^(?:ja|ko|zh)(?![a-z])/i

/** Cells of a character of ambiguous width, by the locale of the environment (POSIX.1-2017, section 8.2). */
export function ambiguousCells(env: Readonly<Record<string, string | undefined>>): 1 | 2 {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || ''
  return EAST_ASIAN.test(locale) ? 2 : 1
}
