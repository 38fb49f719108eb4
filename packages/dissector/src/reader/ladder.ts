import { LENGTH_BYTES } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { widthOf } from '@p2p-secure-chat/core/terminal/rows'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { type Connection, type Moment, offsetText, type Side } from '../capture/stream-event.ts'
import { boundedMap } from '../dissect/bounded-map.ts'
import type { NameBook } from '../dissect/name-book.ts'
import type { Observation, SeenFrame, Spoken } from '../dissect/observation.ts'
import { type Finding, type FindingCode, FINDINGS, type Severity } from '../message/finding.ts'
import { bucketOf } from '../message/text-length-range.ts'
import { isSealed } from './tally.ts'
import { CONVERSATION_CELLS, fitted, hanging, type Layout, PACKET_CELLS } from './text-layout.ts'

/** Conversations whose names are remembered; one that comes again after that gets a head once more. */
const LIMIT = 1_024

/** Of what a message says, in characters: a page. */
const SHOWN_CHARACTERS = 2_000

const SIDES: readonly Side[] = ['dialler', 'listener']

/** Of a caller on a host with several people: a port says nothing. */
const NAMELESS = 'the name of the caller is in a sealed IDENTITY'

/** Before what a key opened, and before what shows of a message that stays sealed. */
const OPENED = '🔓 '
const SEALED = '🔒 '

/** What each protocol is, in a few words. */
const SPOKEN: Readonly<Record<Spoken, string>> = {
  'calc/1': 'a calculator',
  'directory/1': 'a directory',
  'peer-basic/1': 'a chat that everybody can read',
  'peer-dh/1': 'a chat that nobody else can read, and everybody can alter',
  'peer-aes/1': 'a chat in sealed records',
  'legacy-directory': "the textbook's directory",
  'legacy-peer': "the textbook's chat",
}

/** Colours of conversations; red and yellow say how much a finding matters. */
const COLOURS = [
  'cyan',
  'magenta',
  'blue',
  'green',
  'cyanBright',
  'magentaBright',
  'blueBright',
  'greenBright',
] as const

export interface LadderOptions {
  readonly colours: Colours
  readonly names: NameBook
  readonly layout: () => Layout
  /** When the capture begins. */
  readonly start: () => bigint | null
}

/** A conversation as it is shown. */
interface Shown {
  spoken: Spoken | null
  names: Readonly<Record<Side, string>>
}

/** Draws what is seen as it comes: a ladder of messages, each between the two names of its conversation. */
export interface Ladder {
  /** @returns lines without their ends */
  lines(seen: Observation): string[]
}

export function ladder({ colours, names, layout, start }: LadderOptions): Ladder {
  const shown = boundedMap<number, Shown>(LIMIT)
  /** Findings that were explained already. */
  const explained = new Set<FindingCode>()
  const { bold, dim, green } = colours

  const colourOf = ({ number }: Connection) => colours[COLOURS[number % COLOURS.length] ?? 'cyan']
  const tagOf = (connection: Connection) => colourOf(connection)(fitted(`#${connection.number}`, CONVERSATION_CELLS))

  function bySeverity(severity: Severity, text: string): string {
    return { error: colours.red, warning: colours.yellow, note: dim }[severity](text)
  }

  function namesOf(connection: Connection, spoken: Spoken | null): Record<Side, string> {
    const name = (side: Side) => names.nameOf(connection, side, spoken) ?? formatAddress(connection[side])
    return { dialler: name('dialler'), listener: name('listener') }
  }

  function head(connection: Connection, spoken: Spoken | null): string[] {
    const now = { spoken, names: namesOf(connection, spoken) }
    const before = shown.get(connection.number)
    shown.set(connection.number, now)
    if (before !== undefined && before.spoken === spoken) {
      return SIDES.filter(side => before.names[side] !== now.names[side]).map(
        side => `${tagOf(connection)} ${dim(`${formatAddress(connection[side])} is`)} ${now.names[side]}`,
      )
    }
    const addresses = `${formatAddress(connection.dialler)} → ${formatAddress(connection.listener)}`
    const title = `${now.names.dialler} → ${now.names.listener}`
    const isSecure = spoken === 'peer-dh/1' || spoken === 'peer-aes/1'
    const about = [
      spoken === null ? 'not known yet what they speak' : `${spoken}, ${SPOKEN[spoken]}`,
      ...(connection.whole ? [] : ['its beginning is not in the capture']),
      ...(isSecure && names.nameOf(connection, 'dialler', spoken) === null ? [NAMELESS] : []),
    ]
    const tag = `${tagOf(connection)} `
    const says = `${bold(title)}  ${dim(about.join(', '))}`
    const end = title === addresses ? '' : dim(addresses)
    const { width } = layout()
    const whole = `${tag}${says}  ${end}`.trimEnd()
    const lines =
      widthOf(whole) <= width
        ? [whole]
        : [...hanging(tag, says, 0, width), ...(end === '' ? [] : hanging('', end, CONVERSATION_CELLS + 1, width))]
    return [...(before === undefined ? [''] : []), ...lines]
  }

  /** The columns that every line of something in a packet begins with. */
  function place(at: Moment, connection: Connection | null): string {
    const { time, digits } = layout()
    const tag = connection === null ? ' '.repeat(CONVERSATION_CELLS) : tagOf(connection)
    const when = fitted(offsetText(at.time, start(), digits), time, 'right')
    return `${dim(when)} ${fitted(String(at.packet), PACKET_CELLS, 'right')}  ${tag}`
  }

  function explain({ code, detail }: Finding): string[] {
    const { severity, text } = FINDINGS[code]
    const first = !explained.has(code)
    explained.add(code)
    if (!first && detail === null) return []
    const parts = [code, ...(first ? [text] : []), ...(detail === null ? [] : [printableLine(detail)])]
    const { indent, width } = layout()
    const mark = bySeverity(severity, severity === 'note' ? '· ' : '! ')
    return hanging(mark, bySeverity(severity, parts.join(': ')), indent, width)
  }

  /** What is inside a message that was sealed, or what shows of it as long as it is. */
  function inside(frame: SeenFrame): string[] {
    const { indent, width } = layout()
    const { plaintext } = frame
    if (isSealed(frame)) return hanging(dim(SEALED), dim(eavesdropped(frame)), indent, width)
    if (plaintext === null) return []
    if (plaintext.frames.length === 0) return hanging(green(OPENED), contentOf(frame), indent, width)
    return plaintext.frames.flatMap(inner => {
      const codes = inner.findings.map(({ code }) => bySeverity(FINDINGS[code].severity, code))
      const says = [`${bold(printableLine(inner.name))} ${contentOf(inner)}`.trimEnd(), ...codes].join('  ')
      return [...hanging(green(OPENED), says, indent, width), ...inner.findings.flatMap(explain)]
    })
  }

  function rung(frame: SeenFrame): string[] {
    const { at, connection, from, spoken, name, findings, bytes } = frame
    const { width, name: cells, indent } = layout()
    const label = (side: Side) => names.nameOf(connection, side, spoken) ?? shortAddress(connection, side)
    const arrow = colourOf(connection)(from === 'dialler' ? '─→' : '←─')
    const between = `${fitted(label('dialler'), cells, 'right')} ${arrow} ${fitted(label('listener'), cells)}`
    const tags = findings
      .filter(({ code, detail }) => explained.has(code) && detail === null && code !== 'no-key')
      .map(({ code }) => bySeverity(FINDINGS[code].severity, code))
    const begin = `${place(at, connection)} ${between}  ${bold(printableLine(name))}`
    // What a key opened has lines of its own, a batch its size beside them.
    const says = frame.plaintext?.frames.length === 0 ? '' : contentOf(frame)
    const about = [dim(`[${size(bytes.length)}]`), ...tags].join('  ')
    const mark = `${begin} `
    const beside = says.includes('\n') ? [] : followed(hanging(mark, says, 0, width), about, widthOf(mark), width)
    const fits = beside.length > 0 && beside.length <= 2 && beside.every(line => widthOf(line) <= width)
    return [
      ...(fits ? beside : [...hanging(`${begin}  `, about, 0, width), ...hanging('', says, indent, width)]),
      ...inside(frame),
      ...findings.flatMap(explain),
    ]
  }

  return {
    lines(seen) {
      switch (seen.kind) {
        case 'conversation':
          return head(seen.connection, seen.spoken)
        case 'frame': {
          names.learn(seen.frame)
          const { connection, spoken } = seen.frame
          return [...rung(seen.frame), ...head(connection, spoken)]
        }
        case 'finding': {
          const { code, detail } = seen.finding
          const { severity, text } = FINDINGS[code]
          explained.add(code)
          const says = `${code}: ${text}${detail === null ? '' : `: ${printableLine(detail)}`}`
          const { indent, width } = layout()
          const [first = '', ...rest] = hanging('', bySeverity(severity, says), indent + 1, width)
          return [`${place(seen.at, seen.connection)} ${first.trimStart()}`, ...rest]
        }
        case 'end':
          return [`${place(seen.at, seen.connection)} ${dim('end')}`]
      }
    },
  }
}

/** What a message says behind its name, texts in full. */
function contentOf({ name, summary, fields }: Pick<SeenFrame, 'name' | 'summary' | 'fields'>): string {
  const text = fields.find(field => field.name === 'text')?.value
  if (text !== undefined) return `"${printable(text, SHOWN_CHARACTERS)}"`
  return printableLine(summary.startsWith(name) ? summary.slice(name.length).trimStart() : summary, SHOWN_CHARACTERS)
}

/** Lines with something more behind the last one, or below it where it does not fit. */
function followed(lines: readonly string[], more: string, indent: number, width: number): string[] {
  const joined = `${lines.at(-1)?.trimEnd() ?? ''}  ${more}`
  return widthOf(joined) <= width ? [...lines.slice(0, -1), joined] : [...lines, ...hanging('', more, indent, width)]
}

/** An end of a connection that has no name: by its host, or by its port where the host is the same for both. */
function shortAddress({ dialler, listener }: Connection, side: Side): string {
  const { host, port } = side === 'dialler' ? dialler : listener
  return dialler.host === listener.host ? `:${port}` : host
}

/** What a sealed message reveals to everybody on the path. */
export function eavesdropped({ name, spoken, bytes }: SeenFrame): string {
  if (name === 'IDENTITY') return 'one side identifies itself, in the same size for every name'
  if (spoken === 'peer-aes/1') {
    const bucket = bucketOf(bytes.length)
    return `at most ${size(bucket - LENGTH_BYTES)}, in the bucket of ${bucket}`
  }
  if (spoken === 'peer-dh/1') return `exactly ${size(bytes.length - HEADER_BYTES)}`
  return `at most ${size(bytes.length)}`
}

function size(bytes: number): string {
  return `${bytes} bytes`
}
