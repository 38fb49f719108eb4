import { PassThrough, Writable } from 'node:stream'
import { colourFor } from '../terminal/colour.ts'
import { holdTerminal, suspend } from './held-terminal.ts'
import { openKeyboard, dropTypedAhead } from './keyboard.ts'
import type { Key } from './keys.ts'
import { EXIT_CODES } from '../terminal/leave.ts'

/** A question as the library draws it. */
export interface DrawnQuestion {
  readonly type: 'input' | 'password' | 'select'
  readonly message: string
  readonly default?: string
  readonly mask?: string
  readonly theme?: {
    readonly validationFailureMode: 'keep' | 'clear'
    /** How the message shows, which a final answer may make shorter. */
    readonly style: { readonly message: (text: string, status: 'idle' | 'loading' | 'done') => string }
  }
  /** How an answer shows while it is typed, and when it is final. */
  readonly transformer?: (answer: string, state: { readonly isFinal: boolean }) => string
  readonly validate?: (answer: string) => Promise<string | true>
  readonly choices?: readonly { readonly name: string; readonly value: string; readonly description: string }[]
}

/** The library may hide the cursor. */
const SHOW_CURSOR = '\x1b[?25h'
const ERASE_BELOW = '\r\x1b[J'

const CTRL_C = '\x03'
const CTRL_Z = '\x1a'
/** As the key sends it, and as a terminal passes it on that was not raw yet. */
const ENTER = /^[\r\n]$/

/** One appearance of a question. After a stop it appears again. */
interface Appearance {
  /** Settles unless it is dropped first. */
  readonly answer: Promise<string>
  write(keys: string): void
  /** Takes no more keys, and writes nothing more. */
  drop(): void
}

/**
 * Asks one question, drawn by inquirer. The keyboard and the modes of the terminal stay with us: the library trusts both to
 * be as it left them, and takes a stop for the end of the input.
 *
 * @param onLeave called at Ctrl-C, at Ctrl-D and when the terminal is gone; the question is over then
 */
export async function askDrawn(question: DrawnQuestion, onLeave: () => void): Promise<string> {
  const appear = await dropTypedAhead(loadLibrary(question.type), onLeave)
  const { stdin, stdout } = process
  /** The keys since the question appeared or refused an answer, which a second appearance gets as well. */
  let typed = ''
  let entered = () => {}

  return new Promise((resolve, reject) => {
    function begin(): Appearance {
      const begun = appear({ ...question, ...(question.validate && { validate }) }, leave)
      begun.write(typed)
      begun.answer.then(
        answer => end(() => resolve(answer)),
        error => end(() => reject(error)),
      )
      return begun
    }

    async function validate(answer: string): Promise<string | true> {
      const verdict = (await question.validate?.(answer)) ?? true
      if (verdict !== true) typed = question.theme?.validationFailureMode === 'clear' ? '' : answer
      setImmediate(() => entered())
      return verdict
    }

    function end(settle: () => void): void {
      entered()
      current.drop()
      held.release()
      keyboard.close()
      settle()
    }

    function leave(): void {
      stdout.write(`\n${SHOW_CURSOR}`)
      end(onLeave)
    }

    function press({ text }: Key): void | Promise<void> {
      if (text === CTRL_C) return leave()
      if (text === CTRL_Z) return suspend()
      current.write(text)
      if (!ENTER.test(text)) typed += text
      // What is typed while an answer is looked at would be lost.
      else return new Promise(seen => (entered = seen))
    }

    const keyboard = openKeyboard({ input: stdin, press, onGone: () => end(onLeave) })
    const held = holdTerminal({
      on: () => void stdin.setRawMode(true),
      off: () => void stdin.setRawMode(false),
      leave() {
        current.drop()
        stdout.write(`\n${SHOW_CURSOR}`)
      },
      back(left) {
        entered()
        current.drop()
        if (!left) stdout.write(ERASE_BELOW)
        current = begin()
      },
    })
    let current = begin()
  })
}

/** One kind of question of the library. */
type Prompt = (
  question: DrawnQuestion,
  context: { readonly input: PassThrough; readonly output: Writable; readonly signal: AbortSignal },
) => Promise<string>

/** The kinds of questions, each a package of inquirer: all of them together take three times as long to load. */
const PROMPTS: Readonly<Record<DrawnQuestion['type'], () => Promise<Prompt>>> = {
  input: async () => (await import('@inquirer/input')).default,
  password: async () => (await import('@inquirer/password')).default,
  select: async () => {
    const { default: select } = await import('@inquirer/select')
    return ({ message, choices = [] }, context) => select({ message, choices }, context)
  },
}

/** Loads a kind of question, which asks the environment for colours when it starts. */
async function loadLibrary(
  type: DrawnQuestion['type'],
): Promise<(question: DrawnQuestion, onEnd: () => void) => Appearance> {
  if (colourFor(process.stdout).level === 0) process.env['NO_COLOR'] = '1'
  const prompt = await PROMPTS[type]()

  return (question, onEnd) => {
    const listening = EXIT_CODES.map(([signal]) => [signal, new Set(process.listeners(signal))] as const)
    let dropped = false
    /** Keys for which nobody listens yet; null once somebody does. */
    let early: string | null = ''
    const input = new PassThrough()
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (!dropped) process.stdout.write(chunk)
        if (early !== null) setImmediate(begin)
        done()
      },
    })
    Object.defineProperty(output, 'columns', { get: () => process.stdout.columns })
    const dropping = new AbortController()
    const answered = prompt(question, { input, output, signal: dropping.signal })

    function begin(): void {
      if (early === null) return
      // What the library listens for it would handle by ending the process with the terminal as it is.
      for (const [signal, before] of listening) {
        for (const listener of process.listeners(signal)) if (!before.has(listener)) process.off(signal, listener)
      }
      const keys = early
      early = null
      if (keys !== '') write(keys)
    }

    function write(keys: string): void {
      if (early !== null) {
        early += keys
        return
      }
      input.emit('data', keys)
      // Ctrl-D has closed the line, of which the library takes no notice.
      if (input.isPaused() && !dropped) onEnd()
    }

    return {
      answer: new Promise((resolve, reject) => {
        answered.then(
          answer => dropped || resolve(answer),
          error => dropped || reject(error),
        )
      }),
      write,
      drop() {
        dropped = true
        dropping.abort()
      },
    }
  }
}
