import type { LineEditor } from './line-editor.ts'
import { secondPress } from './second-press.ts'

export interface InterruptKeyOptions {
  /** The editor at which the key is pressed. */
  readonly editor: () => Pick<LineEditor, 'text' | 'replace'>
  readonly say: (text: string) => void
  readonly leave: () => void
  /** Any monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/** Ctrl-C at a line editor: clears what is typed, else leaves when it is pressed twice within two seconds. */
export function interruptKey(options: InterruptKeyOptions): () => void {
  const { editor, say, leave, now } = options
  const second = secondPress(now)

  return () => {
    if (editor().text !== '') {
      second.forget()
      return editor().replace('')
    }
    if (second.press()) leave()
    else say('press Ctrl-C again to leave')
  }
}
