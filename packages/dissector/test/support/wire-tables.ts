import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BodyPart, sizeOf } from '@p2p-secure-chat/core/wire/body-part'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import type { Drawn, MessageType } from '@p2p-secure-chat/core/wire/message-type'
import type { ProtocolDescription } from '@p2p-secure-chat/core/wire/hello'
import { shownFields, shownMembers, shownPart } from '@p2p-secure-chat/core/wire/shown-field'
import { fieldsIn } from '../../src/message/field.ts'
import { MESSAGE_FINDINGS } from '../../src/message/finding.ts'
import { allTypes, PROTOCOLS } from '../../src/message/protocols.ts'
import { exampleLines, fieldsTable, typesTable } from './document-tables.ts'

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

/** A file, and what is written into it between two marks. */
interface TableFile {
  readonly path: string
  readonly tables: readonly { readonly begin: string; readonly end: string; readonly content: string }[]
}

const comment = (name: string, content: string) => ({
  begin: `<!-- ${name}: npm run wire-tables writes what is between this line and the next comment -->\n`,
  end: `<!-- end of ${name} -->`,
  content: `\n${content}\n`,
})

/** Every file with tables that follow from the descriptions of the messages. */
export function tableFiles(protocols = PROTOCOLS): TableFile[] {
  const plugin = {
    begin: '-- wire tables: npm run wire-tables writes what is between this line and the next one that says so\n',
    end: '-- end of wire tables',
    content: `\n${luaTables(protocols)}`,
  }
  return [
    { path: at('packages/dissector/wireshark/p2p-secure-chat.lua'), tables: [plugin] },
    {
      path: at('docs/protocol.md'),
      tables: [
        comment('message types', typesTable(protocols)),
        comment('fields', fieldsTable(protocols)),
        comment('examples', `\`\`\`\n${exampleLines(protocols)}\`\`\`\n`),
      ],
    },
  ]
}

/** The text of such a file, with its tables. @throws {Error} when it has no place for one */
export function withTables({ path, tables }: TableFile): string {
  return tables.reduce(
    (text, { begin, end, content }) => {
      const from = text.indexOf(begin)
      const to = text.indexOf(end, from)
      if (from < 0 || to < 0) throw new Error(`${path} has no place for the table that begins with ${begin}`)
      return text.slice(0, from + begin.length) + content + text.slice(to)
    },
    readFileSync(path, 'utf8'),
  )
}

/** Fields of which Wireshark knows more than that they are numbers. */
const KINDS: Readonly<Record<string, string>> = { type: 'type', response_to: 'request', response_in: 'response' }

/** The tables of the Wireshark dissector, as Lua: what a message may carry, and what is said of it. */
function luaTables(protocols: readonly ProtocolDescription[]): string {
  const types = allTypes(protocols)
  const named = (some: readonly MessageType[]) => some.map(({ name }) => `T.${name}`)
  return [
    ...table('FIELDS', Object.entries(fieldsIn(protocols)).map(fieldRow)),
    ...table('FINDINGS', Object.entries(MESSAGE_FINDINGS).map(findingRow)),
    `local T = ${list(types.map(({ name, type }) => `${name} = 0x${type.toString(16).padStart(2, '0')}`))}`,
    '',
    ...table(
      'MESSAGES',
      types.map(type => `[T.${type.name}] = ${messageRow(type, types)}`),
    ),
    `local REFUSABLE = ${list(named(types.filter(type => type.refusable)))}`,
    '',
    ...table(
      'PROTOCOLS',
      protocols.map(({ name, wire, records }) => {
        const inside = records === null ? '' : `,\n    inside = set ${list(named(records), '    ')}`
        return `[${quoted(name)}] = {\n    outside = set ${list(named(wire), '    ')}${inside},\n  }`
      }),
    ),
  ].join('\n')
}

function table(name: string, rows: readonly string[]): string[] {
  return [`local ${name} = {`, ...rows.map(row => `  ${row},`), '}', '']
}

function fieldRow([name, { kind, title }]: [string, { readonly kind: string; readonly title: string }]): string {
  return `{ ${[name, KINDS[name] ?? kind, title].map(quoted).join(', ')} }`
}

function findingRow([code, { severity, text }]: [
  string,
  { readonly severity: string; readonly text: string },
]): string {
  return `{ ${[code, severity, text].map(quoted).join(', ')} }`
}

function messageRow(type: MessageType, types: readonly MessageType[]): string {
  const { name, limit, mark, parts, fields, summary, draws = [], answers = [], refusable } = type
  const isRequest = refusable || types.some(other => other.answers?.includes(type))
  const members = shownMembers(type).map(({ path, name: shown, as }) => list([path, shown, as].map(quoted)))
  const rows = [
    `name = ${quoted(name)}, limit = ${limit}`,
    ...(mark === '' ? [] : [`mark = ${quoted(mark)}`]),
    ...(fields === null ? [] : [`members = ${list(members, '    ')}`]),
    // What is in a record depends on the rung, and is read there.
    ...(fields === null && type.type !== RECORD.type ? [`parts = ${list(parts.map(partRow), '    ')}`] : []),
    ...(summary === undefined ? [] : [`summary = ${quoted(summary)}`]),
    ...(draws.length === 0 ? [] : [`draws = ${list(draws.map(drawnRow))}`]),
    ...(isRequest ? [`request = true, has_id = ${shownFields(type).some(field => field.name === 'id')}`] : []),
    ...(refusable ? ['refusable = true'] : []),
    ...(answers.length === 0 ? [] : [`answers = ${list(answers.map(asked => `T.${asked.name}`))}`]),
  ]
  return `{\n    ${rows.join(',\n    ')},\n  }`
}

function drawnRow({ finding, without }: Drawn): string {
  return list([finding, ...(without === undefined ? [] : [without])].map(quoted))
}

/** @throws {RangeError} for a part that the dissector cannot read */
function partRow(part: BodyPart, i: number, parts: readonly BodyPart[]): string {
  const open = part.kind === 'text' || part.kind === 'rest'
  if (open && (i < parts.length - 1 || (part.kind === 'rest' && part.step > 1))) {
    throw new RangeError(`${part.name} has no size of its own: such a part stands last, and has no step`)
  }
  return list([quoted(shownPart(part).name), String(sizeOf(part).least), ...(open ? ['rest = true'] : [])])
}

const quoted = (text: string) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`

const LINE = 116

/** Items in braces: in one line where they fit, else as many in each line as fit, deeper than `indent`. */
function list(items: readonly string[], indent = ''): string {
  const short = `{ ${items.join(', ')} }`
  if (items.length === 0) return '{}'
  if (indent.length + short.length <= LINE) return short
  const rows: string[] = []
  for (const item of items) {
    const last = rows.at(-1)
    if (last === undefined || `${indent}  ${last} ${item},`.length > LINE) rows.push(`${item},`)
    else rows[rows.length - 1] = `${last} ${item},`
  }
  return `{\n${rows.map(row => `${indent}  ${row}\n`).join('')}${indent}}`
}
