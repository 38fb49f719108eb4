import { setImmediate as polled, setTimeout as delay } from 'node:timers/promises'
import type { ReadStream } from 'node:tty'
import { holdTerminal, suspend } from './held-terminal.ts'
import { type Key, keyDecoder } from './keys.ts'
import { MAX_LINE_BYTES } from './lines.ts'

/** How long the rest of an escape sequence may take, in milliseconds; without one, the Escape key was pressed. */
const ESCAPE_WAIT = 50

export interface KeyboardOptions {
  /** A terminal's keyboard, such as process.stdin. */
  readonly input: ReadStream
  /** Does what a key means. Further keys wait for what it returns, as they would if it took no time. */
  readonly press: (key: Key) => void | Promise<void>
  /** Puts brackets around a paste, where the terminal was not asked to; by default nothing is changed. */
  readonly bracket?: (chunk: string) => string
  /** Told when the terminal is gone. */
  readonly onGone: () => void
}

/** Reads keys one after the other, until close(). */
export function openKeyboard({ input, press, bracket = chunk => chunk, onGone }: KeyboardOptions): { close(): void } {
  const utf8 = new TextDecoder()
  // One more than is taken, so that a paste that was cut is too long.
  const keys = keyDecoder(MAX_LINE_BYTES + 1)
  const waiting: Key[] = []
  let busy = false
  let open = true
  let escapeTimer: NodeJS.Timeout | undefined

  async function pressWaiting(): Promise<void> {
    if (busy) return
    busy = true
    for (let key = waiting.shift(); open && key !== undefined; key = waiting.shift()) {
      const done = press(key)
      if (done === undefined) continue
      input.pause()
      await done
      if (open) input.resume()
    }
    busy = false
  }

  function read(bytes: Buffer): void {
    clearTimeout(escapeTimer)
    waiting.push(...keys.push(bracket(utf8.decode(bytes, { stream: true }))))
    void pressWaiting()
    if (open) escapeTimer = setTimeout(() => keys.expire(), ESCAPE_WAIT)
  }

  input.on('data', read).on('end', onGone).on('error', onGone).resume()
  return {
    close() {
      open = false
      clearTimeout(escapeTimer)
      input.off('data', read).off('end', onGone).off('error', onGone).pause()
    },
  }
}

/** How long what was typed before a question may take to be read, in milliseconds. */
const LAG = 50

const CTRL_C = '\x03'
const CTRL_Z = '\x1a'

/**
 * Drops what was typed before anybody could see the question that comes next: it is no answer to it.
 *
 * @param loaded what the question still needs; what is typed until then is dropped too
 * @param onLeave called at Ctrl-C, which counts all the same, and when the terminal is gone
 */
export async function dropTypedAhead<T>(loaded: Promise<T>, onLeave: () => void): Promise<T> {
  const { stdin } = process

  function press({ text }: Key): void {
    if (text === CTRL_C) onLeave()
    if (text === CTRL_Z) suspend()
  }

  const keyboard = openKeyboard({ input: stdin, press, onGone: onLeave })
  const held = holdTerminal({ on: () => void stdin.setRawMode(true), off: () => void stdin.setRawMode(false) })
  try {
    const [question] = await Promise.all([loaded, delay(LAG)])
    // However long the process was busy: the terminal is read between a timer and the immediate after it.
    await polled()
    return question
  } finally {
    held.release()
    keyboard.close()
  }
}
