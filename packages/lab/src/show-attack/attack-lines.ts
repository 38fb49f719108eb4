import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { Attack, Family, Position, Result, ShownBytes } from '../attacks/attack.ts'
import { blanksOf, evidenceOf, isOtherThanClaimed, type PlayedCell, resultWord } from '../attacks/cell.ts'
import { hanging } from '@p2p-secure-chat/dissector/reader/text-layout'
import { RUNG_TITLES, type RungName } from '../rungs.ts'
import { hexDump } from './hex-dump.ts'

/** How the lines look, and how many cells they have. */
export interface TextStyle {
  readonly colours: Colours
  readonly width: number
}

const POSITIONS: Readonly<Record<Position, string>> = {
  sniffer: 'gets a copy of every byte that crosses the wire, and changes none',
  'man in the middle': 'sits on the path between two programs: everything that crosses goes through her hands',
  directory: 'runs the directory, which tells everyone where the others are',
  peer: 'is one of the clients of the directory: others call her, and she calls them',
  thief: 'has stolen something that its owner believes to be safe',
}

/** What a result means, in words that stand after a colon. */
export const MEANINGS: Readonly<Record<Result, string>> = {
  broken: 'mallory reaches her goal',
  resisted: 'she is noticed, or gains nothing and the conversation holds',
  leaks: 'she learns something, though not what was said',
}

const VERDICTS: Readonly<Record<Result, string>> = {
  broken: 'It is broken',
  resisted: 'It resisted',
  leaks: 'It leaks',
}

/** Cells of a label before what it is about. */
const LABEL_CELLS = 10

function labelled(label: string, text: string, { colours, width }: TextStyle): string[] {
  return hanging(colours.dim(label.padEnd(LABEL_CELLS)), printable(text), 2, width)
}

/** What the attack is, before any of it is played; and on which of these rungs there is nothing to attack. */
export function introduction(attack: Attack, rungs: readonly RungName[], style: TextStyle): string[] {
  const blanks = [...blanksOf(attack, rungs)].map(
    ([reason, without]) => `${without.map(rung => RUNG_TITLES[rung]).join(', ')}: ${reason}`,
  )
  return [
    style.colours.bold(printableLine(attack.title)),
    '',
    ...labelled('mallory', POSITIONS[attack.position], style),
    ...labelled('her goal', attack.goal, style),
    ...blanks.flatMap((blank, i) => labelled(i === 0 ? 'not on' : '', blank, style)),
  ]
}

/** A heading as wide as the text. */
export function rungHeading(rung: RungName, { colours, width }: TextStyle): string[] {
  const title = `Against ${RUNG_TITLES[rung]}`
  return ['', `${colours.bold(title)} ${colours.dim('─'.repeat(Math.max(0, width - title.length - 1)))}`, '']
}

/** One step, with the bytes that matter. @param number from 1 */
export function stepLines(
  number: number,
  words: string,
  shown: readonly ShownBytes[],
  { colours, width }: TextStyle,
): string[] {
  const mark = `${number}.`.padEnd(4)
  const dumps = shown.flatMap(bytes => [
    '',
    ...hexDump(bytes, colours, width - mark.length).map(line => ' '.repeat(mark.length) + line),
  ])
  return [...hanging(mark, printable(words), 0, width), ...dumps, '']
}

/** The result, compared with the prediction, if there was one, and with our claim. */
export function outcomeLines(played: PlayedCell, predicted: Result | null, { colours, width }: TextStyle): string[] {
  const lines = hanging(`${resultWord(played, colours)}  `, printableLine(evidenceOf(played)), 0, width)
  const say = (text: string, look: (text: string) => string) => hanging('', text, 0, width).map(line => look(line))
  if (predicted !== null && played.result !== null && played.result !== 'n/a') {
    const right = predicted === played.result
    const verdict = `${VERDICTS[played.result]}: ${MEANINGS[played.result]}.`
    lines.push(
      '',
      ...say(
        `${right ? 'You were right' : `You said ${predicted}`}. ${verdict}`,
        right ? colours.green : colours.yellow,
      ),
    )
  }
  if (isOtherThanClaimed(played)) lines.push(...say(`This is not what we claim: ${played.claimed}.`, colours.red))
  return lines
}

/** Why it is so. */
export function lessonLines({ lesson }: Attack, { colours, width }: TextStyle): string[] {
  const paragraphs = printable(lesson).split(/\n\s*\n/)
  return ['', colours.bold('Why'), ...paragraphs.flatMap(text => ['', ...hanging('', text.trim(), 0, width)])]
}

/** All attacks, by family. */
export function attackList(families: readonly Family[], { colours, width }: TextStyle): string[] {
  const cells = Math.max(...families.flatMap(({ attacks }) => attacks.map(({ name }) => name.length))) + 2
  return families
    .filter(({ attacks }) => attacks.length > 0)
    .flatMap(({ title, attacks }) => [
      colours.bold(title),
      ...attacks.flatMap(attack => [
        ...hanging(attack.name.padEnd(cells), printableLine(attack.title), 2, width),
        ...hanging('', printableLine(attack.goal), 2 + cells, width).map(line => colours.dim(line)),
      ]),
      '',
    ])
}
