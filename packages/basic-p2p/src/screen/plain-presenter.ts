import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { LineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { ChatEvent } from '../chat/chat-event.ts'
import { describeEvent, explainEvent } from './describe-event.ts'
import type { Presenter } from '../commands/chat-command.ts'
import { clockTime, NO_PICTURE } from './presenter.ts'
import type { Drawing, ScreenView } from './screen-presenter.ts'
import { welcome } from './welcome.ts'

/** Wide enough for every row of the banner to be one line. */
const ONE_LINE = 1_000

const WITHOUT_COLOURS = { bold: same, dim: same, red: same }

function same(text: string): string {
  return text
}

/**
 * Prints lines that make sense when a screen reader reads them one by one: each starts with words that say whose it is. The
 * rest of a line wider than the terminal is indented.
 */
export function plainPresenter(
  editor: LineEditor,
  view: Pick<ScreenView, 'times'>,
  { columns }: Pick<Drawing, 'columns'>,
): Presenter {
  const wrapped = (text: string) => editor.print(wrapLines(text, columns()))

  function print(words: string, lines: readonly string[]): void {
    wrapped(lines.map(line => `${words}: ${line}`).join('\n'))
  }

  function notify(words: string, text: string): void {
    print(
      words,
      text.split('\n').map(line => line.trim()),
    )
  }

  function show(event: ChatEvent): void {
    if (event.event === 'ready') {
      const rows = welcome(event, ONE_LINE, WITHOUT_COLOURS).split('\n')
      for (const row of rows.filter(text => text !== '')) notify('notice', row.trim().replace(/ {2,}/, ': '))
      return
    }
    if (event.event === 'message' && event.direction === 'in') {
      const time = view.times() ? `at ${clockTime(new Date())} ` : ''
      return print(`${time}${printableLine(event.peer)} says`, printable(event.text).split('\n'))
    }
    const description = describeEvent(event)
    if (description !== null) notify(description.kind === 'trouble' ? 'trouble' : 'notice', description.text)
    const explanation = explainEvent(event)
    if (explanation !== null) notify('notice', explanation.trim())
  }

  return {
    show(event) {
      show(event)
      return Promise.resolve()
    },
    note: wrapped,
    answer: wrapped,
    verbatim: text => editor.print(text),
    picture: () => notify('notice', NO_PICTURE),
  }
}
