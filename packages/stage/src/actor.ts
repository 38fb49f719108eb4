import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { basename } from 'node:path'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { readLines } from '@p2p-secure-chat/core/input/lines'
import { stretched } from './busy.ts'
import { endsWithUs } from './leftovers.ts'
import { endOf } from './system-process.ts'
import { type Event, transcript } from './transcript.ts'

/** How long an actor may take for the next thing that the play expects of it, in milliseconds on a quiet machine. */
const CUE_DEADLINE = 30_000

/** Most that an actor may print, in bytes: a play needs some hundred lines, and one that never stops must not fill our memory. */
const PRINTED_LIMIT = 16 * 2 ** 20

/** How much of its stderr an error quotes, in characters. */
const COMPLAINT_LIMIT = 2_000

/** How many of the last events an error quotes when an actor misses its cue. */
const LAST_EVENTS = 3

/** A real program of this project, running as a process of its own, its input and output being lines. */
export interface Actor {
  /**
   * Waits for the next event of that name, or with these values in its fields, or for the first of several such; those
   * before it are kept in `events` and passed over.
   *
   * @throws {ChatError} `timeout`; any other Error when the program has ended, and will not give it any more
   */
  next(...cues: readonly (string | Event)[]): Promise<Event>
  /** Writes one line to its stdin. */
  say(line: string): void
  /** Everything it printed so far. */
  readonly events: readonly Event[]
  /** The same as bytes, and what it printed on stderr. */
  readonly printed: readonly Uint8Array[]
  /** Its number in the system; undefined where it could not be started. */
  readonly pid: number | undefined
  /** Closes its stdin and waits until it has ended; the exit code. */
  finish(): Promise<number | null>
  /** Ends it with SIGTERM if it still runs, and waits. */
  stop(): Promise<void>
}

/** Where an actor runs. */
export interface ActorOptions {
  /** A command that runs the one behind it, such as one that enters a network. */
  readonly within?: readonly string[]
  readonly cwd?: string
  /** Whether it takes its pipes for a terminal, and shows what it would show a person there. */
  readonly atTerminal?: boolean
}

/**
 * Starts a program of this project.
 *
 * @param file what Node.js runs, see programFile()
 */
export function startActor(
  file: string,
  args: readonly string[],
  { within = [], cwd, atTerminal }: ActorOptions = {},
): Actor {
  const node = [process.execPath, ...(atTerminal === true ? AS_TERMINAL : [])]
  const [command = '', ...rest] = [...within, ...node, file, ...args]
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) })
  const { events, add, end, next } = transcript()
  const isGone = endsWithUs(child)
  const { printed, stdout, complaint } = keepPrinted(child)
  let failure: Error | null = null
  let over = false
  const bin = basename(file)

  /** Its exit code, once all that it printed has been read. */
  async function play(): Promise<number | null> {
    const closed = endOf(child)
    for await (const line of readLines(stdout())) if ('text' in line) add(line.text)
    failure = await closed
    isGone()
    over = true
    end()
    return child.exitCode
  }
  const ended = play()
  // A process that is gone does not take input any more; that it is gone shows elsewhere.
  child.stdin.on('error', () => undefined)

  return {
    events,
    printed,
    pid: child.pid,
    async next(...cues) {
      const fields = cues.map(cue => (typeof cue === 'string' ? { event: cue } : cue))
      const awaited = fields.map(cue => JSON.stringify(cue)).join(' or ')
      try {
        return await withDeadline(next(fields), stretched(CUE_DEADLINE), awaited)
      } catch (cause) {
        const last = JSON.stringify(events.slice(-LAST_EVENTS))
        const what = `${bin} gave no ${awaited} but ${last} ${failure?.message ?? complaint()}`
        throw cause instanceof ChatError ? new ChatError(cause.code, what, { cause }) : new Error(what, { cause })
      }
    },
    say: line => void child.stdin.write(`${line}\n`),
    finish() {
      child.stdin.end()
      return withDeadline(ended, stretched(CUE_DEADLINE), `the end of ${bin}`)
    },
    async stop() {
      if (!over) child.kill('SIGTERM')
      await withDeadline(ended, stretched(CUE_DEADLINE), `the end of ${bin}`).catch(() => child.kill('SIGKILL'))
    },
  }
}

/** Keeps all that a process prints, and ends it where that becomes too much. */
function keepPrinted(child: ChildProcessWithoutNullStreams) {
  const printed: Uint8Array[] = []
  let size = 0
  let stderr = ''

  function keep(chunk: Uint8Array): void {
    printed.push(chunk)
    size += chunk.length
    if (size > PRINTED_LIMIT) child.kill('SIGKILL')
  }

  async function* stdout(): AsyncGenerator<Uint8Array> {
    for await (const chunk of child.stdout) {
      keep(chunk)
      yield chunk
    }
  }

  child.stderr.on('data', (chunk: Buffer) => {
    keep(chunk)
    stderr = (stderr + chunk.toString()).slice(-COMPLAINT_LIMIT)
  })
  return {
    printed,
    stdout,
    complaint: () => (size > PRINTED_LIMIT ? `it printed more than ${PRINTED_LIMIT} bytes` : stderr.trim()),
  }
}

/** Cells in a row of that terminal. */
export const TERMINAL_COLUMNS = 100

/** Loaded before a program. TERM says that it can move its cursor. */
const SOURCE = `
const { env, stdin, stdout } = process
env.TERM = 'xterm'
Object.assign(stdin, { isTTY: true, setRawMode: () => stdin })
Object.assign(stdout, { isTTY: true, columns: ${TERMINAL_COLUMNS}, rows: 30 })
`

/**
 * Flags of Node.js under which a program takes its pipes for a terminal, and draws what a person would see there. This
 * works on any system, and what is drawn is read like all other output.
 */
export const AS_TERMINAL: readonly string[] = ['--import', `data:text/javascript,${encodeURIComponent(SOURCE)}`]
