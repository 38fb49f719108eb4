import type { LineEditor } from './line-editor.ts'

/** How soon the second Ctrl-C has to come, in milliseconds. */
export const SECOND_PRESS_WINDOW = 2_000

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
  const { editor, say, leave, now = () => performance.now() } = options
  let first = -Infinity

  return () => {
    if (editor().text !== '') {
      first = -Infinity
      return editor().replace('')
    }
    const again = now() - first <= SECOND_PRESS_WINDOW
    first = again ? -Infinity : now()
    if (again) leave()
    else say('press Ctrl-C again to leave')
  }
}
