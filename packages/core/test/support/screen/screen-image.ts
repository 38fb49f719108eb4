import type { IBufferCell, IBufferLine } from '@xterm/headless'

/** How bright the colours of a terminal are, from 0 to 255. */
export interface Theme {
  readonly foreground: number
  readonly background: number
  /** The palette's number 0. */
  readonly black: number
  /** The palette's number 15. */
  readonly white: number
}

/** Grey pixels, row by row from the top left, as three equal bytes each. */
export interface ScreenImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

/** Half a cell is a square of so many pixels a side. */
export const SIDE = 4

/** What a camera sees of these rows. Blocks are drawn as they are, all other characters as a blot. */
export function imageOf(lines: readonly IBufferLine[], theme: Theme): ScreenImage {
  const columns = Math.max(...lines.map(line => line.length))
  const width = columns * SIDE
  const height = lines.length * 2 * SIDE
  const data = new Uint8Array(width * height * 3)
  for (const [row, line] of lines.entries()) {
    for (let column = 0; column < columns; column += 1) {
      const cell = line.getCell(column)
      for (const half of [0, 1]) {
        const shade = cell === undefined ? theme.background : shadeOf(cell, half, theme)
        for (let y = 0; y < SIDE; y += 1) {
          const start = ((row * 2 + half) * SIDE + y) * width + column * SIDE
          data.fill(shade, start * 3, (start + SIDE) * 3)
        }
      }
    }
  }
  return { width, height, data }
}

/** @param half 0 for the upper half of the cell, 1 for the lower one */
function shadeOf(cell: IBufferCell, half: number, theme: Theme): number {
  const ink = cell.isFgPalette() ? paletteShade(cell.getFgColor(), theme) : theme.foreground
  const paper = cell.isBgPalette() ? paletteShade(cell.getBgColor(), theme) : theme.background
  const text = cell.getChars()
  const inked = text === '█' || text === (half === 0 ? '▀' : '▄') || !/^[ ▀▄]?$/.test(text)
  return inked ? ink : paper
}

function paletteShade(colour: number, { black, white }: Theme): number {
  if (colour === 0) return black
  if (colour === 15) return white
  throw new Error(`no shade is known of colour ${colour}`)
}
