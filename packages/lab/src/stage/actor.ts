import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { readLines } from '@p2p-secure-chat/core/terminal/lines'
import { bell } from './bell.ts'
import { atTheEnd } from './last-will.ts'
import { endOf } from './process-end.ts'

/** How long an actor may take for the next thing that the play expects of it, in milliseconds: a machine may be busy. */
const CUE_DEADLINE = 30_000

/** How many of its last events are told of an actor that misses its cue. */
const LAST_EVENTS = 3

/** One line that an actor printed: what it holds as JSON, or `{line}` for one that is plain text. */
export type Event = Readonly<Record<string, unknown>>

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
export interface Place {
  /** A command that runs the one behind it, such as one that enters a network. */
  readonly within?: readonly string[]
  readonly cwd?: string
}

/**
 * Starts a built bin of this workspace.
 *
 * @param bin its module, such as `@p2p-secure-chat/basic-p2p/bin/server`
 */
export function startActor(bin: string, args: readonly string[], { within = [], cwd }: Place = {}): Actor {
  const [command = '', ...rest] = [...within, process.execPath, fileURLToPath(import.meta.resolve(bin)), ...args]
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }) })
  const events: Event[] = []
  const printed: Uint8Array[] = []
  let passed = 0
  let stderr = ''
  const { ring, until } = bell()
  const closed = endOf(child)
  const isGone = atTheEnd(() => child.kill('SIGKILL'))
  let over = false

  async function* output(): AsyncGenerator<Uint8Array> {
    for await (const chunk of child.stdout) {
      printed.push(chunk)
      yield chunk
    }
  }

  async function collect(): Promise<void> {
    for await (const line of readLines(output())) {
      if (!('text' in line)) continue
      events.push(eventOf(line.text))
      ring()
    }
  }

  /** Its exit code, once all that it printed has been read. */
  async function end(): Promise<number | null> {
    await collect()
    const failure = await closed
    isGone()
    if (failure !== null) stderr = failure.message
    over = true
    ring()
    return child.exitCode
  }
  const ended = end()
  child.stderr.on('data', (chunk: Buffer) => {
    printed.push(chunk)
    stderr = (stderr + chunk.toString()).slice(-2_000)
  })
  // A process that is gone does not take input any more; that it is gone shows elsewhere.
  child.stdin.on('error', () => undefined)

  function lookFor(cues: readonly Event[]): Event | undefined {
    const event = events.slice(passed).find(event => cues.some(cue => fits(event, cue)))
    if (event === undefined && over) throw new Error('it has ended')
    if (event !== undefined) passed = events.indexOf(event) + 1
    return event
  }

  return {
    events,
    printed,
    pid: child.pid,
    async next(...cues) {
      const fields = cues.map(cue => (typeof cue === 'string' ? { event: cue } : cue))
      const awaited = fields.map(cue => JSON.stringify(cue)).join(' or ')
      try {
        const found = until(() => lookFor(fields))
        return await withDeadline(found, CUE_DEADLINE, awaited)
      } catch (cause) {
        const last = JSON.stringify(events.slice(-LAST_EVENTS))
        const what = `${bin} gave no ${awaited} but ${last} ${stderr.trim()}`
        throw cause instanceof ChatError ? new ChatError(cause.code, what, { cause }) : new Error(what, { cause })
      }
    },
    say: line => void child.stdin.write(`${line}\n`),
    finish() {
      child.stdin.end()
      return withDeadline(ended, CUE_DEADLINE, `the end of ${bin}`)
    },
    async stop() {
      if (!over) child.kill('SIGTERM')
      await withDeadline(ended, CUE_DEADLINE, `the end of ${bin}`).catch(() => child.kill('SIGKILL'))
    },
  }
}

/** Whether an event has all that is asked for. */
function fits(event: Event, cue: Event): boolean {
  return Object.entries(cue).every(([key, value]) => event[key] === value)
}

/** What looks like JSON and is none is told as it is, to whoever waits for something else. */
function eventOf(text: string): Event {
  try {
    return text.startsWith('{') ? JSON.parse(text) : { line: text }
  } catch {
    return { line: text }
  }
}
