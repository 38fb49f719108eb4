import { join } from 'node:path'
import type { Run } from '../../packages/core/test/support/screen/screen-runs.ts'
import { openScreen } from '../../packages/core/test/support/screen/screen.ts'
import type { Browser } from '../../packages/dissector/test/support/browser.ts'
import { ROOT } from './run.ts'

const COLUMNS = 110

/** Colours of a terminal with a dark ground, in the order of its palette, the bright ones behind the others. */
const PALETTE =
  '#484f58 #ff8078 #5fce74 #e0b040 #6cb0ff #d2a0ff #4cc8d8 #c8d0d8 #768390 #ffa198 #7ee08c #f0cc60 #90c8ff #e0bcff #70d8e8 #ffffff'.split(
    ' ',
  )

const STYLE = `
  body { margin: 0; width: max-content; background: #0f151d; color: #dde4ec; font: 15px/20px "DejaVu Sans Mono", monospace }
  header { padding: 9px 16px; background: #202a36; color: #f4f7fa }
  header b { color: #5fce74 }
  main { padding: 10px 16px 14px; width: ${COLUMNS}ch }
  div { position: relative; height: 20px }
  span { position: absolute; white-space: pre }
  .bold { font-weight: bold }
  .dim { opacity: 0.68 }`

/**
 * What a command shows in a terminal, drawn with the looks that it asks for.
 *
 * @param last words of the last row in the picture
 * @returns the path of the picture
 */
export async function terminalPicture(
  browser: Browser,
  command: string,
  args: readonly string[],
  last: string,
): Promise<string> {
  const screen = openScreen({ command, args, cols: COLUMNS, cwd: ROOT })
  await screen.exit
  const first = screen.lines().findIndex(line => line !== '')
  const end = screen.lines().findIndex(line => line.includes(last))
  if (end < 0) throw new Error(`${command} does not show ${last}`)
  const rows = screen.runs().slice(first, end + 1)

  const page = await browser.context.newPage()
  const title = `<b>$</b> ${escaped([command, ...args].join(' '))}`
  const body = rows.map(runs => `<div>${runs.map(spanOf).join('')}</div>`).join('')
  await page.setContent(`<style>${STYLE}</style><body><header>${title}</header><main>${body}</main>`)
  const path = join(browser.folder, 'terminal.png')
  await page.locator('body').screenshot({ path })
  await page.close()
  return path
}

/** Each run stands where its cells are, whatever width a font gives to those before it. */
function spanOf({ text, column, colour, bold, dim }: Run): string {
  const looks = [bold ? 'bold' : '', dim ? 'dim' : ''].join(' ').trim()
  const ink = colour === null ? '' : `;color:${PALETTE[colour] ?? 'inherit'}`
  return `<span class="${looks}" style="left:${column}ch${ink}">${escaped(text)}</span>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
