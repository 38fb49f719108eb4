import { fileURLToPath } from 'node:url'
import { PROTOCOLS } from '../../src/dissect/protocols.ts'
import { exampleLines, fieldsTable, typesTable } from './document-tables.ts'
import { luaTables } from './lua-tables.ts'

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
export const TABLE_FILES: readonly TableFile[] = [
  {
    path: at('packages/lab/wireshark/p2p-secure-chat.lua'),
    tables: [
      {
        begin: '-- wire tables: npm run wire-tables writes what is between this line and the next one that says so\n',
        end: '-- end of wire tables',
        content: `\n${luaTables(PROTOCOLS)}`,
      },
    ],
  },
  {
    path: at('docs/protocol.md'),
    tables: [
      comment('message types', typesTable(PROTOCOLS)),
      comment('fields', fieldsTable(PROTOCOLS)),
      comment('examples', `\`\`\`\n${exampleLines(PROTOCOLS)}\`\`\`\n`),
    ],
  },
]

/** The text of such a file with its tables. @throws {Error} when it has no place for one */
export function withTables(text: string, { path, tables }: TableFile): string {
  return tables.reduce((written, { begin, end, content }) => {
    const from = written.indexOf(begin)
    const to = written.indexOf(end, from)
    if (from < 0 || to < 0) throw new Error(`${path} has no place for the table that begins with ${begin}`)
    return written.slice(0, from + begin.length) + content + written.slice(to)
  }, text)
}
