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

/** What a person sees besides the events themselves. */
export interface View {
  /** Whether the time stands before every text. */
  readonly times: () => boolean
  /** Whether the person looks at the conversation with that peer. */
  readonly isSelected: (peer: string) => boolean
}

/** The terminal on which lines appear. */
export interface Drawing {
  readonly colours: Colours
  /** Its cells in a row, 0 or undefined if it does not say. */
  readonly columns: () => number | undefined
}

/** Lines above the one being typed, in colours that say what kind they are. */
export function screenPresenter(editor: LineEditor, view: View, { colours, columns }: Drawing): Presenter {
  const { bold, cyan, dim, red } = colours
  // No row is too wide by our count; should a terminal count more, what is too much must not begin a row of its own.
  const print = (text: string) => editor.print(AUTOWRAP_OFF + wrapLines(text, columns()) + AUTOWRAP_ON)

  /** A star marks what came in a conversation that is not in the prompt: no name has a star or a blank in it. */
  function spoken(peer: string, text: string): string {
    const colon = text.indexOf(':') + 1
    const speaker = text.slice(0, colon)
    const named = view.isSelected(peer) ? cyan(speaker) : bold(cyan(`* ${speaker}`))
    const time = view.times() ? `${dim(clockTime(new Date()))} ` : ''
    return `${time}${named}${text.slice(colon)}`
  }

  function coloured({ kind, text }: Description, event: ChatEvent): string {
    if (event.event === 'message') return spoken(event.peer, text)
    // Also without colours, nobody called "error" must pass for us.
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
    verbatim: text => editor.print(text),
    picture(rows) {
      const cells = rows[0]?.length ?? 0
      if (colours.level === 0) print(dim(NO_PICTURE))
      else if (cells > (columns() || UNKNOWN_WIDTH)) print(dim(`a terminal of ${cells} columns shows a QR code here`))
      // Both colours, or it would be a negative on every other terminal.
      else editor.print(rows.map(row => colours.black.bgWhiteBright(row)).join('\n'))
    },
  }
}

/** The first line of trouble, without the hint that the explanation below it makes needless. */
function headOf({ kind, text }: Description): Description {
  return { kind, text: text.split('\n', 1).join('') }
}
