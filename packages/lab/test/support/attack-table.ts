import type { Family } from '../../src/attacks/attack.ts'
import { RUNG_TITLES, RUNGS } from '../../src/rungs.ts'

/** Where the texts of the attacks stand, one file for each family. */
const TEXTS = 'packages/lab/attacks'

/** Around the table of docs/attacks.md. */
const BEGIN = '<!-- attacks: npm run attack-table writes what is between this line and the next comment -->\n'
const END = '<!-- end of attacks -->'

/** How a result stands in the table. */
const WORDS: Readonly<Record<string, string>> = { broken: '**broken**', leaks: '_leaks_', 'n/a': '–' }

/** One line of `chat-lab matrix --json`; what is no cell has no result. */
export interface CellEvent {
  readonly event: string
  readonly attack?: string
  readonly rung?: string
  readonly result?: string
  readonly evidence?: string
  /** Of an `error`. */
  readonly message?: string
}

/** What `chat-lab matrix --json` printed. */
export function cellEvents(stdout: string): CellEvent[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line): CellEvent => JSON.parse(line))
}

/** The table in Markdown of all attacks on all rungs and their results, with links from docs/ to their texts. */
export function attackTable(families: readonly Family[], events: readonly CellEvent[]): string {
  const results = new Map(events.map(({ attack, rung, result }) => [`${attack} ${rung}`, result]))
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return [
    row(['', ...RUNGS.map(rung => RUNG_TITLES[rung])]),
    row(['---', ...RUNGS.map(() => '---')]),
    ...families
      .filter(({ attacks }) => attacks.length > 0)
      .flatMap(({ name: file, title, attacks }) => [
        row([`**${title}**`, ...RUNGS.map(() => '')]),
        ...attacks.map(({ name, title: what }) => {
          const words = RUNGS.map(rung => results.get(`${name} ${rung}`)).map(
            result => WORDS[`${result}`] ?? result ?? '?',
          )
          return row([`[${what}](../${TEXTS}/${file}.md#${name})`, ...words])
        }),
      ]),
  ].join('')
}

/** The document with another table. @throws {Error} when it has no place for one */
export function withAttackTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error('the document has no place for the table of attacks')
  return `${document.slice(0, begin + BEGIN.length)}\n${table}\n${document.slice(end)}`
}

/** What the lab wrote on stderr, without notes of plays that missed a cue, as they may on a busy machine. */
export const withoutBusyNotes = (stderr: string): string => stderr.replaceAll(/^note: the machine is busy: .*\n/gm, '')
