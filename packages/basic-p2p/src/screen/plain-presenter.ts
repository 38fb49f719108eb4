import { printable, printableLine } from '@p2p-secure-chat/core/terminal/printable'
import type { LineEditor } from '@p2p-secure-chat/core/terminal/line-editor'
import type { ChatEvent } from '../chat/chat-event.ts'
import { clockTime } from './clock-time.ts'
import { describeEvent } from './describe-event.ts'
import { explainEvent } from './explain-event.ts'
import { NO_PICTURE, type Presenter } from './presenter.ts'
import type { View } from './screen-presenter.ts'
import { welcome } from './welcome.ts'

/** So wide that every row of the banner is one line. */
const ONE_LINE = 1_000

const WITHOUT_COLOURS = { bold: same, dim: same, red: same }

function same(text: string): string {
  return text
}

/** Lines that make sense when they are read aloud one by one: each begins with words that say whose it is. */
export function plainPresenter(editor: LineEditor, view: Pick<View, 'times'>): Presenter {
  function print(words: string, text: string): void {
    const lines = text.split('\n').map(line => `${words}: ${line.trim()}`)
    editor.print(lines.join('\n'))
  }

  function show(event: ChatEvent): void {
    if (event.event === 'ready') {
      const rows = welcome(event, ONE_LINE, WITHOUT_COLOURS).split('\n')
      for (const row of rows.filter(text => text !== '')) print('notice', row.trim().replace(/ {2,}/, ': '))
      return
    }
    if (event.event === 'message' && event.direction === 'in') {
      const time = view.times() ? `at ${clockTime(new Date())} ` : ''
      return print(`${time}${printableLine(event.peer)} says`, printable(event.text))
    }
    const description = describeEvent(event)
    if (description !== null) print(description.kind === 'trouble' ? 'trouble' : 'notice', description.text)
    const explanation = explainEvent(event)
    if (explanation !== null) print('notice', explanation.trim())
  }

  return {
    show(event) {
      show(event)
      return Promise.resolve()
    },
    note: text => editor.print(text),
    verbatim: text => editor.print(text),
    picture: () => print('notice', NO_PICTURE),
  }
}
