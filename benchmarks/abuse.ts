import { measureDirectory } from './abuse-directory.ts'
import { abuseFiles } from './abuse-files.ts'
import { handshakeFloods } from './abuse-handshakes.ts'
import { renderingCosts } from './abuse-rendering.ts'

/** What strangers and peers can cost, and what honest people notice of it. */
export async function run(): Promise<void> {
  table(
    'A text of 16 KiB that a peer has chosen, and the client that shows it: processor time',
    ['it consists of', '80 columns', '20 columns', '--plain', 'pipe', '--json'],
    renderingCosts(),
  )
  table(
    'A stranger at one address who connects as often as she can, and a client that is called',
    ['what mallory sends', 'processor time', 'connections', "alice's call, median"],
    await handshakeFloods(),
  )
  const { quiet, beside, perDeafUser } = await measureDirectory()
  table(
    'Users who ask a directory as often as they can, and another one who looks somebody up',
    ['what they ask', 'how many', 'directory', 'look-up, median', 'nine of ten within'],
    [
      ['nothing', '0', '', `${quiet.toFixed(2)} ms`, ''],
      ...beside.map(({ flood, flooders, median, nineOfTen, share }) => [
        flood,
        String(flooders),
        `${(1_000 * share).toFixed(0)} ms/s`,
        `${median.toFixed(2)} ms`,
        `${nineOfTen.toFixed(2)} ms`,
      ]),
      ['pages, of which none is read', '1', `${perDeafUser.toFixed(0)} KiB`, '', ''],
    ],
  )
  table(
    'A peer who sends legal messages about files, and a client with --accept-files',
    ['what mallory sends', 'rounds', 'processor time', 'memory', 'files at once', "carol's text, quiet", 'beside it'],
    (await abuseFiles()).map(({ what, perSecond, cpu, memory, files, quiet, beside }) => [
      what,
      `${perSecond.toFixed(0)}/s`,
      `${cpu.toFixed(0)} ms/s`,
      `${memory.toFixed(0)} MiB`,
      String(files),
      `${quiet.toFixed(1)} ms`,
      `${beside.toFixed(1)} ms`,
    ]),
  )
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map(row => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')
  process.stdout.write(`${title}\n${all.map(row => `  ${line(row).trimEnd()}\n`).join('')}\n`)
}
