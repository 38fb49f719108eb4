import { AUTOWRAP_OFF, AUTOWRAP_ON } from '@p2p-secure-chat/core/terminal/rows'
import type { Colours } from '@p2p-secure-chat/core/terminal/colour'
import type { LineEditor } from '@p2p-secure-chat/core/input/line-editor'
import { UNKNOWN_WIDTH, wrapLines } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { ChatEvent } from '../chat/chat-event.ts'
import { describeEvent, explainEvent } from './describe-event.ts'
import type { Description } from './describe-file.ts'
import type { Presenter } from '../commands/chat-command.ts'
import { clockTime, NO_PICTURE } from './presenter.ts'
import { transferBars } from './transfer-bars.ts'
import { welcome } from './welcome.ts'

/** Settings and state that change how events look. */
export interface ScreenView {
  /** Whether to show the time before every text. */
  readonly times: () => boolean
  /** Whether the conversation with that peer is selected. */
  readonly isSelected: (peer: string) => boolean
}

/** The terminal on which lines appear. */
export interface Drawing {
  readonly colours: Colours
  /** Its width in cells; 0 or undefined if unknown. */
  readonly columns: () => number | undefined
}

/** Prints events above the line being typed, coloured by kind. */
export function screenPresenter(editor: LineEditor, view: ScreenView, { colours, columns }: Drawing): Presenter {
  const { bold, cyan, dim, red } = colours
  // Rows fit by our count; if a terminal counts more cells, the excess must not start a row of its own.
  const print = (text: string) => editor.print(AUTOWRAP_OFF + wrapLines(text, columns()) + AUTOWRAP_ON)

  /** A star marks texts of a conversation that is not selected: no name contains a star or a space. */
  function spoken(peer: string, text: string): string {
    const colon = text.indexOf(':') + 1
    const speaker = text.slice(0, colon)
    const named = view.isSelected(peer) ? cyan(speaker) : bold(cyan(`* ${speaker}`))
    const time = view.times() ? `${dim(clockTime(new Date()))} ` : ''
    return `${time}${named}${text.slice(colon)}`
  }

  function coloured({ kind, text }: Description, event: ChatEvent): string {
    if (event.event === 'message') return spoken(event.peer, text)
    // Even without colours, a peer called "error" must not look like us.
    return kind === 'trouble' ? red(`! ${text}`) : dim(text)
  }

  const bars = transferBars()
  return {
    show(event) {
      const status = bars.follow(event, performance.now())
      if (status !== null) editor.setStatus(dim(status))
      if (event.event === 'ready') {
        editor.print(welcome(event, columns() || UNKNOWN_WIDTH, colours))
        return Promise.resolve()
      }
      const description = describeEvent(event)
      const explanation = explainEvent(event)
      if (description !== null) print(coloured(explanation === null ? description : headOf(description), event))
      if (explanation !== null) print(explanation)
      return Promise.resolve()
    },
    note: text => print(dim(text)),
    answer: text => print(dim(text)),
    verbatim: text => editor.print(text),
    picture(rows) {
      const cells = rows[0]?.length ?? 0
      if (colours.level === 0) print(dim(NO_PICTURE))
      else if (cells > (columns() || UNKNOWN_WIDTH))
        print(dim(`no QR code here: it needs a terminal of ${cells} columns`))
      // Set both colours: otherwise dark and light terminals would show opposite pictures.
      else editor.print(rows.map(row => colours.black.bgWhiteBright(row)).join('\n'))
    },
  }
}

/** The first line of trouble: the explanation below it replaces the hint. */
function headOf({ kind, text }: Description): Description {
  return { kind, text: text.split('\n', 1).join('') }
}
