/** Bytes of UTF-8 in the longest text that a peer can send. */
const TEXT_BYTES = 16_384

/** Classes of characters that a screen has to think about, each with what a text of it repeats. */
export const CLASSES: Readonly<Record<string, string>> = {
  letters: 'a',
  words: 'words of five letters ',
  'words of one letter': 'a ',
  tabs: '\t',
  'tabs and letters': '\ta',
  blanks: ' ',
  'ideographic blanks': '\u3000',
  'no-break blanks': '\u00a0',
  newlines: '\n',
  'blanks and newlines': ' \n',
  ideographs: '\u4f60',
  'right-to-left letters': '\u05e9',
  'right-to-left words': '\u0645\u0631\u062d\u0628\u0627 ',
  'marks on nothing': '\u0301',
  'marks on letters': 'e\u0301\u0323',
  'marks on blanks': ' \u0301',
  'chains of consonants': '\u0915\u094d',
  'leading jamo': '\u1100',
  'vowel jamo': '\u1161',
  'syllables of jamo': '\u1112\u1161\u11ab',
  emoji: '\u{1f642}',
  'joined families': '\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}',
  'joined without end': '\u{1f468}\u200d',
  'skin tones': '\u{1f3fd}',
  flags: '\u{1f1ee}\u{1f1f9}',
  'flags of regions': '\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}',
  keycaps: '1\ufe0f\u20e3',
  selectors: '\ufe0f',
  'zero-width joiners': '\u200d',
  'zero-width blanks': '\u200b',
  'number signs of Arabic': '\u0600',
  overrides: '\u202e',
  'escape sequences': '\u001b[31m',
  controls: '\u0007',
  deletes: '\u007f',
  'line separators': '\u2028',
  'replacement characters': '\ufffd',
}

/** Texts of the largest size, by the class of characters of which they consist. */
export const EXPENSIVE_TEXTS: readonly (readonly [name: string, text: string])[] = Object.entries(CLASSES).map(
  ([name, unit]) => [name, unit.repeat(Math.floor(TEXT_BYTES / Buffer.byteLength(unit)))],
)
