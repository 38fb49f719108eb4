import { holdTerminal } from '@p2p-secure-chat/core/input/held-terminal'

/** Has the terminal remember the title of its window, and take it back (XTWINOPS of xterm, which others follow). */
const KEEP_TITLE = '\x1b[22;2t'
const RESTORE_TITLE = '\x1b[23;2t'

/** The title of the window in which a program runs. */
export interface WindowTitle {
  /** @param text printable() already */
  show(text: string): void
  /** Gives the window the title that it had before. Safe to call at any time. */
  restore(): void
}

export function windowTitle(output: NodeJS.WritableStream): WindowTitle {
  let shown: string | null = null
  let held: { release(): void } | null = null
  const write = () => void output.write(`\x1b]2;${shown}\x07`)

  return {
    show(text) {
      if (text === shown) return
      shown = text
      if (held !== null) return write()
      held = holdTerminal({
        on() {
          output.write(KEEP_TITLE)
          write()
        },
        off: () => void output.write(RESTORE_TITLE),
      })
    },
    restore() {
      held?.release()
      held = null
      shown = null
    },
  }
}
