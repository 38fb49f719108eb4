import type { LineEditor } from './line-editor.ts'

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

/** How soon the second press has to come, in milliseconds. */
const WINDOW = 2_000

/** A key that does what it is for only at its second press, soon after the first. */
export interface SecondPress {
  /** Takes note of a press. @returns whether it is the second one */
  press(): boolean
  /** Makes the next press a first one. */
  forget(): void
}

/** @param now any monotonic clock, in milliseconds */
export function secondPress(now: () => number = () => performance.now()): SecondPress {
  let first = -Infinity
  return {
    press() {
      const isSecond = now() - first <= WINDOW
      first = isSecond ? -Infinity : now()
      return isSecond
    },
    forget() {
      first = -Infinity
    },
  }
}
