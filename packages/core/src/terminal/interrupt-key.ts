import type { LineEditor } from './line-editor.ts'
import { secondPress } from './second-press.ts'

export interface InterruptKeyOptions {
  /** The editor at which the key is pressed. */
  readonly editor: () => Pick<LineEditor, 'text' | 'replace'>
  /** Ends what is under way, such as a call. @returns false when nothing is */
  readonly stop?: () => boolean
  readonly say: (text: string) => void
  readonly leave: () => void
  /** Any monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/**
 * Ctrl-C at a line editor: clears what is typed, else stops what is under way, else leaves when it is pressed twice within
 * two seconds.
 */
export function interruptKey(options: InterruptKeyOptions): () => void {
  const { editor, stop = () => false, say, leave, now } = options
  const second = secondPress(now)

  return () => {
    if (editor().text !== '') {
      second.forget()
      return editor().replace('')
    }
    if (stop()) return second.forget()
    if (second.press()) leave()
    else say('press Ctrl-C again to leave')
  }
}
