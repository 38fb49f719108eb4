import { openPlainEditor } from './plain-editor.ts'
import { dropTypedAhead } from './keyboard.ts'

/** A question that is a line of text, and so is its answer. */
export interface PlainQuestion {
  readonly message: string
  /** Whether nothing of what is typed may be seen. */
  readonly secret?: boolean
  /** Looks at an answer: null when it will do, else what is wrong with it. The question then comes again. */
  readonly check: (answer: string) => string | null | Promise<string | null>
}

/**
 * Asks without a single escape sequence.
 *
 * @param onLeave called at Ctrl-C, at Ctrl-D and when the terminal is gone; the question is over then
 */
export async function askPlain(
  { message, secret = false, check }: PlainQuestion,
  onLeave: () => void,
): Promise<string> {
  await dropTypedAhead(Promise.resolve(), onLeave)
  return new Promise((resolve, reject) => {
    /** Settles when the lines before have been looked at. */
    let looked = Promise.resolve()
    let over = false

    async function enter(answer: string): Promise<void> {
      if (over) return
      const refusal = await check(answer)
      if (refusal !== null) return editor.print(`${refusal}\n${message}`)
      over = true
      editor.close()
      resolve(answer)
    }

    function leave(): void {
      editor.close()
      onLeave()
    }

    const editor = openPlainEditor({
      input: process.stdin,
      output: process.stdout,
      prompt: message,
      secret,
      onLine(answer) {
        looked = looked.then(() => enter(answer))
        looked.catch(reject)
      },
      onInterrupt: leave,
      onEnd: leave,
      onGone: onLeave,
    })
  })
}
