import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import type { Passing } from './path.ts'

/** Bytes that crossed a path in one piece, and who sent them. */
export type Overheard = Pick<Passing, 'from' | 'bytes'>

/** No spelling but their own. */
export const PLAIN = 'as they are'

/** Spellings that anyone can undo without a key: an encoding is not encryption. */
const SPELLINGS: Readonly<Record<string, (words: Buffer) => readonly (Buffer | string)[]>> = {
  [PLAIN]: words => [words],
  'in UTF-16': words => [Buffer.from(words.toString(), 'utf16le')],
  'in hex': words => [words.toString('hex'), words.toString('hex').toUpperCase()],
  // Three bytes make four letters, so it depends on where the words begin; the letters at the edges depend on others too.
  'in base64': words =>
    [0, 1, 2].map(shift =>
      Buffer.concat([Buffer.alloc(shift), words])
        .toString('base64')
        .slice(4, -4),
    ),
}

/** How words are looked for: "as they are", "in hex" and the like. */
export const SPELLINGS_TRIED: readonly string[] = Object.keys(SPELLINGS)

/** Words that can be read on a path. */
export interface Legible {
  readonly from: Side
  /** One of SPELLINGS_TRIED. */
  readonly how: string
  /** All that this side sent. */
  readonly stream: Buffer
  /** Where in it the words stand: the first byte of them, and how many there are. */
  readonly at: number
  readonly length: number
}

/** Looks for words in everything that crossed, wherever one piece ends and the next begins. @returns null if they are nowhere */
export function findLegible(passed: readonly Overheard[], words: string): Legible | null {
  for (const from of ['dialler', 'listener'] as const) {
    const stream = Buffer.concat(passed.filter(piece => piece.from === from).map(({ bytes }) => bytes))
    for (const [how, spell] of Object.entries(SPELLINGS)) {
      const spelt = spell(Buffer.from(words)).find(spelling => spelling.length > 0 && stream.includes(spelling))
      if (spelt !== undefined) return { from, how, stream, at: stream.indexOf(spelt), length: spelt.length }
    }
  }
  return null
}

/** Whether words can be read on a path without a key. */
export const isLegible = (passed: readonly Overheard[], words: string): boolean => findLegible(passed, words) !== null
