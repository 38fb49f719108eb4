import type { IBufferCell, IBufferLine } from '@xterm/headless'

/** Neighbouring cells of a row that look alike. */
export interface Run {
  readonly text: string
  /** Cells to the left of it. */
  readonly column: number
  /** Number of the colour in the terminal's palette; null: the colour of plain text. */
  readonly colour: number | null
  readonly bold: boolean
  readonly dim: boolean
}

/** What a row shows and how, without the blank cells between the runs. */
export function runsOf(line: IBufferLine): Run[] {
  const runs: Run[] = []
  let next = -1
  for (let column = 0; column < line.length; column += 1) {
    const cell = line.getCell(column)
    const text = cell?.getChars() ?? ''
    if (cell === undefined || text.trim() === '') continue
    const run = { text, column, ...lookOf(cell) }
    const before = runs.at(-1)
    // A wide cell ends its run: whether a font draws it as wide as two others is not certain.
    if (before !== undefined && column === next && sameLook(before, run)) {
      runs[runs.length - 1] = { ...before, text: before.text + text }
    } else runs.push(run)
    next = cell.getWidth() === 1 ? column + 1 : -1
  }
  return runs
}

function lookOf(cell: IBufferCell): Pick<Run, 'colour' | 'bold' | 'dim'> {
  return {
    colour: cell.isFgPalette() ? cell.getFgColor() : null,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
  }
}

function sameLook(one: Run, other: Run): boolean {
  return one.colour === other.colour && one.bold === other.bold && one.dim === other.dim
}
