import { readFileSync } from 'node:fs'
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
