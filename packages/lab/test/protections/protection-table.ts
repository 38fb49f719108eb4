import { basename } from 'node:path'
import type { Protection } from './protection.ts'

const row = (...cells: readonly string[]) => `| ${cells.join(' | ')} |`

/** The lines of the table of docs/threat-model.md: one for each protection and attack. */
export function tableOfProtections(protections: readonly Protection[]): string[] {
  const rows = protections.flatMap(({ name, without, edits, breaks }) => {
    const files = [...new Set(edits.map(({ file }) => file))]
    const links = files.map(file => `[${basename(file)}](../packages/${file})`).join(', ')
    return Object.entries(breaks).map(([attack, seen]) => row(name, links, without, `\`${attack}\``, seen))
  })
  return [row('protection', 'in', 'a build without it', 'broken by', 'what was seen'), '|---|---|---|---|---|', ...rows]
}
