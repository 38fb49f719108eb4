import { setTimeout as delay } from 'node:timers/promises'
import { holdTerminal, suspend } from './held-terminal.ts'
import { openKeyboard } from './keyboard.ts'
import type { Key } from './keys.ts'

/** How long what was typed before a question may take to be read, in milliseconds. */
const LAG = 50

const CTRL_C = '\x03'
const CTRL_Z = '\x1a'

/**
 * Drops what was typed before anybody could see the question that comes next: it is no answer to it.
 *
 * @param onLeave told of Ctrl-C, which counts all the same, and that the terminal is gone
 */
export async function dropTypedAhead(onLeave: () => void): Promise<void> {
  const { stdin } = process

  function press({ text }: Key): void {
    if (text === CTRL_C) onLeave()
    if (text === CTRL_Z) suspend()
  }

  const keyboard = openKeyboard({ input: stdin, press, onGone: onLeave })
  const held = holdTerminal({ on: () => void stdin.setRawMode(true), off: () => void stdin.setRawMode(false) })
  await delay(LAG)
  held.release()
  keyboard.close()
}
