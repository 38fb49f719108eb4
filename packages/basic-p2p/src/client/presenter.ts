import { once } from 'node:events'
import { colourFor } from '@p2p-secure-chat/core/terminal/colour'
import type { LineEditor } from '@p2p-secure-chat/core/terminal/line-editor'
import type { ChatEvent } from '../chat/chat-event.ts'
import { type Description, describeEvent } from './describe-event.ts'

/** Shows a chat to whoever uses it: a person at a terminal, a pipe, a script that reads JSON. */
export interface Presenter {
  /** Settles when the event was handed to the output: that is when a message counts as received. */
  show(event: ChatEvent): Promise<void>
  /** A remark that is no event, for people. */
  note(text: string): void
}

/** One JSON object per line on stdout, and nothing else there. */
export function jsonPresenter(): Presenter {
  return {
    show: event => write(process.stdout, `${JSON.stringify({ v: 1, at: new Date().toISOString(), ...event })}\n`),
    note,
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
  }
}

/** Lines above the one being typed, in colours that say what kind they are. */
export function screenPresenter(editor: LineEditor): Presenter {
  const { cyan, dim, red } = colourFor(process.stdout)
  function coloured({ kind, text }: Description): string {
    if (kind === 'status') return dim(text)
    if (kind === 'trouble') return red(text)
    const colon = text.indexOf(':')
    return cyan(text.slice(0, colon + 1)) + text.slice(colon + 1)
  }
  return {
    show(event) {
      const description = describeEvent(event)
      if (description !== null) editor.print(coloured(description))
      return Promise.resolve()
    },
    note: text => editor.print(dim(text)),
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

async function write(stream: NodeJS.WriteStream, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}
