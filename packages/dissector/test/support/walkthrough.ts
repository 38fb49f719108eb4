import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { withoutSettings } from '../../../core/test/support/tshark.ts'

/** The dissector that captures/README.md is about. */
const PLUGIN = fileURLToPath(new URL('../../wireshark/p2p-secure-chat.lua', import.meta.url))

/** Numbers in a cell; where there are more, the first ones and an ellipsis. */
const MOST_NUMBERS = 4

/** Announces which capture the rows below it are about, and which key log Wireshark has. */
const CAPTURE = /^<!-- capture: (\S+?)(?:, keys: (\S+))? -->$/

/** A row: numbers of packets, or `none`; a display filter; and what to see there. */
const ROW = /^\| (none|[\d, …]*?) *\| `([^`]+)` +\| (.*?) +\|$/

/** One comparison of a display filter, or the mere presence of a field. */
const CLAUSE = /^([a-z0-9_.]+)(?: == (?:"([^"]*)"|(\S+)))?$/

/** Joins the values of a field that a packet has several times: no text of a capture has it. */
const AGGREGATOR = '\x1f'

interface Row {
  readonly line: number
  /** Whether it says that there is no such packet. */
  readonly none: boolean
  readonly filter: string
  /** What stands between backticks in its last cell, and must stand in the packets as well. */
  readonly seen: readonly string[]
  readonly rest: string
}

interface Section {
  readonly capture: string
  readonly keys: string | null
  readonly rows: Row[]
}

/** All that Wireshark shows of a packet: the values of some fields, its line in the list, and the fields by name. */
type Packet = ReadonlyMap<string, readonly string[]>

export interface Walkthrough {
  /** The document with the numbers that the packets have now. */
  readonly text: string
  /** What it claims and Wireshark does not show. */
  readonly faults: readonly string[]
}

/**
 * Holds the tables of captures/README.md against what tshark shows of the captures: which packets each filter selects,
 * and whether what is to be seen there is there.
 *
 * @param folder where the captures are
 * @param ofFilters whether Wireshark is asked as well what the filters select: we read them ourselves, and it should be
 *   what Wireshark reads. One folder of captures shows that for all
 */
export async function checkWalkthrough(text: string, folder: string, ofFilters = true): Promise<Walkthrough> {
  const lines = text.split('\n')
  const sections = sectionsOf(lines)
  const faults: string[] = []
  const checkSection = async ({ capture, keys, rows }: Section) => {
    const tshark = tsharkOn(join(folder, capture), keys === null ? null : join(folder, keys))
    const [packets, selected] = await Promise.all([tshark.show(rows), ofFilters ? tshark.select(rows) : null])
    const union = new Set<number>()
    for (const { line, none, filter, seen, rest } of rows) {
      const numbers = [...packets.keys()].filter(number => matches(packets.get(number), filter))
      for (const number of numbers) union.add(number)
      const shown = numbers.flatMap(number => [...(packets.get(number)?.values() ?? [])].flat()).join('\n')
      if ((numbers.length === 0) !== none) faults.push(`${capture}: ${numbers.length} packets for ${filter}`)
      for (const code of seen.filter(code => !shown.includes(code))) {
        faults.push(`${capture}: ${code} is not to be seen with ${filter}`)
      }
      lines[line] = `| ${none ? 'none' : cellOf(numbers)} | \`${filter}\` | ${rest} |`
    }
    if (selected !== null && selected.join() !== [...union].sort((a, b) => a - b).join()) {
      faults.push(`${capture}: Wireshark takes the filters for something else: it selects ${selected.join()}`)
    }
  }
  await Promise.all(sections.map(checkSection))
  return { text: lines.join('\n'), faults }
}

function sectionsOf(lines: readonly string[]): Section[] {
  const sections: Section[] = []
  for (const [line, content] of lines.entries()) {
    const [announced, capture, keys] = CAPTURE.exec(content) ?? []
    if (announced !== undefined) sections.push({ capture: capture ?? '', keys: keys ?? null, rows: [] })
    const [row, cell, filter = '', rest = ''] = ROW.exec(content) ?? []
    if (row === undefined) continue
    const seen = [...rest.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
    sections.at(-1)?.rows.push({ line, none: cell === 'none', filter, seen, rest })
  }
  return sections
}

function clausesOf(filter: string) {
  return filter.split(' && ').map(clause => {
    const [known, field = '', text, word] = CLAUSE.exec(clause) ?? []
    if (known === undefined) throw new Error(`${clause} is more than this test understands of a filter`)
    return { field, value: text ?? word ?? null }
  })
}

function matches(packet: Packet | undefined, filter: string): boolean {
  return clausesOf(filter).every(({ field, value }) => {
    const values = packet?.get(field) ?? []
    return value === null ? values.length > 0 : values.some(other => other === value || Number(other) === Number(value))
  })
}

function cellOf(numbers: readonly number[]): string {
  if (numbers.length <= MOST_NUMBERS) return numbers.join(', ')
  return `${numbers.slice(0, MOST_NUMBERS - 1).join(', ')}, …`
}

function tsharkOn(capture: string, keys: string | null) {
  async function run(args: readonly string[]): Promise<string[]> {
    const keyLog = keys === null ? [] : ['-o', `p2pc.keylog:${keys}`]
    const { stdout } = await promisify(execFile)(
      'tshark',
      ['-n', '-r', capture, '-X', `lua_script:${PLUGIN}`, ...keyLog, '-T', 'fields', ...args],
      { maxBuffer: 2 ** 26, env: withoutSettings() },
    )
    return stdout.split('\n').slice(0, -1)
  }

  return {
    /** Everything that the rows ask for, of every packet. */
    async show(rows: readonly Row[]): Promise<ReadonlyMap<number, Packet>> {
      const asked = rows.flatMap(({ filter }) => clausesOf(filter).map(({ field }) => field))
      const fields = ['frame.number', '_ws.col.Info', ...new Set(asked)]
      const shown = await run(['-E', `aggregator=${AGGREGATOR}`, ...fields.flatMap(field => ['-e', field])])
      return new Map(
        shown.map(row => {
          const values = row.split('\t').map(value => (value === '' ? [] : value.split(AGGREGATOR)))
          const packet = new Map(fields.map((field, index) => [field, values[index] ?? []]))
          return [Number(packet.get('frame.number')?.[0]), packet]
        }),
      )
    },
    /** The packets that any of the filters selects. */
    async select(rows: readonly Row[]): Promise<number[]> {
      const selected = await run(['-Y', rows.map(({ filter }) => `(${filter})`).join(' || '), '-e', 'frame.number'])
      return selected.map(Number)
    },
  }
}
