import { handshakeFloods } from './abuse-handshakes.ts'

/** What strangers and peers can cost, and what honest people notice of it. */
export async function run(): Promise<void> {
  table(
    'A stranger at one address, and a client that is called',
    ['what mallory sends', 'processor time', 'connections', "alice's call, median"],
    await handshakeFloods(),
  )
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')
  process.stdout.write(`${title}\n${all.map(row => `  ${line(row).trimEnd()}\n`).join('')}\n`)
}
