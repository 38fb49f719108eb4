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

  function restore(): void {
    if (shown !== null) output.write(RESTORE_TITLE)
    shown = null
    process.off('exit', restore)
  }

  return {
    show(text) {
      if (text === shown) return
      if (shown === null) {
        output.write(KEEP_TITLE)
        process.on('exit', restore)
      }
      shown = text
      output.write(`\x1b]2;${text}\x07`)
    },
    restore,
  }
}
