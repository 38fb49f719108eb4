import { ChatError } from '@p2p-secure-chat/core/errors'
import { jsonLine } from '@p2p-secure-chat/core/terminal/json-line'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import type { LineEditor } from '@p2p-secure-chat/core/terminal/line-editor'
import type { ChatEvent } from '../chat/chat-event.ts'
import { type Description, describeEvent } from './describe-event.ts'
import { explainEvent } from './explain-event.ts'
import { welcome } from './welcome.ts'
import { wrapLines } from './wrap-lines.ts'

/** Cells of a terminal that does not say how wide it is. */
const UNKNOWN_WIDTH = 80

/** Shows a chat to whoever uses it: a person at a terminal, a pipe, a script that reads JSON. */
export interface Presenter {
  /**
   * Settles when the event was handed to the output: that is when a message counts as received.
   *
   * @throws {ChatError} `unwritable` when nobody reads the output any more
   */
  show(event: ChatEvent): Promise<void>
  /** A remark that is no event, for people. */
  note(text: string): void
  /** Lines to be copied, scanned or read aloud: at a terminal neither dimmed nor broken. */
  verbatim(text: string): void
}

/** One JSON object per line on stdout, and nothing else there. */
export function jsonPresenter(): Presenter {
  return {
    show: event => write(process.stdout, jsonLine({ v: 1, at: new Date().toISOString(), ...event })),
    note,
    verbatim: note,
  }
}

/** Received texts are lines on stdout; all else goes to stderr. */
export function pipePresenter(): Presenter {
  return {
    show(event) {
      const description = describeEvent(event)
      if (description === null) return Promise.resolve()
      const stream = description.kind === 'text' ? process.stdout : process.stderr
      return write(stream, `${description.text}\n`)
    },
    note,
    verbatim: note,
  }
}

/** Lines above the one being typed, in colours that say what kind they are. */
export function screenPresenter(editor: LineEditor): Presenter {
  const colours = colourFor(process.stdout)
  const { cyan, dim, red } = colours
  const columns = () => process.stdout.columns || UNKNOWN_WIDTH
  const print = (text: string) => editor.print(wrapLines(text, columns()))
  function coloured({ kind, text }: Description): string {
    if (kind === 'status') return dim(text)
    // Also without colours, nobody called "error" must pass for us.
    if (kind === 'trouble') return red(`! ${text}`)
    const colon = text.indexOf(':')
    return cyan(text.slice(0, colon + 1)) + text.slice(colon + 1)
  }
  return {
    show(event) {
      if (event.event === 'ready') {
        editor.print(welcome(event, columns(), colours))
        return Promise.resolve()
      }
      const description = describeEvent(event)
      const explanation = explainEvent(event)
      if (description !== null) print(coloured(explanation === null ? description : headOf(description)))
      if (explanation !== null) print(explanation)
      return Promise.resolve()
    },
    note: text => print(dim(text)),
    verbatim: text => editor.print(text),
  }
}

/** The first line of trouble, without the hint that the explanation below it makes needless. */
function headOf({ kind, text }: Description): Description {
  return { kind, text: text.split('\n', 1).join('') }
}

/** Waits until everything that was written is out, or nobody reads it any more. */
export async function flushOutput(): Promise<void> {
  await Promise.allSettled([write(process.stdout, ''), write(process.stderr, '')])
}

function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, error => {
      if (error) reject(new ChatError('unwritable', 'nobody reads the output any more', { cause: error }))
      else resolve()
    })
  })
}
