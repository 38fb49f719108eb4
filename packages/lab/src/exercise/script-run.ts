import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { bell } from '../stage/bell.ts'
import { watchMemory } from '../stage/memory-watch.ts'
import { endOf } from '../stage/process-end.ts'

/** How long a script may run, in seconds: a padding oracle attack takes two or three, on a slow machine twenty. */
export const SCRIPT_SECONDS = 60

/** Most that a script may print, in bytes: an exercise asks for some lines. */
const OUTPUT_LIMIT = 64 * 1024

/**
 * Memory that a script may take, in MiB: one that hoards must not take the machine with it, and Node.js alone has some 60.
 * Node.js itself bounds the heap only, in which buffers do not lie.
 */
const MEMORY_MEBIBYTES = 512
const HEAP_MEBIBYTES = 256

/** How much of what a script complained about is kept and told, in characters. */
const COMPLAINT_LIMIT = 8_192
const COMPLAINT_SHOWN = 160

/** A student's script as a process of its own. */
export interface ScriptRun {
  /** The next line of its output that looks like that; null when none comes any more. */
  line(pattern: RegExp): Promise<RegExpExecArray | null>
  /** All that it printed so far. */
  readonly output: string
  /** Why it ended before it was stopped, in one line; null while it runs, and for one that ended well. */
  readonly fault: string | null
  /** Resolves when it has ended and all that it printed is there. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/**
 * Flags under which a script can read its own folder alone, and neither write files nor start programs, as far as Node.js
 * can hold it to that. It is not a sandbox: it keeps mistakes from spreading.
 */
function restrictions(folder: string): string[] {
  const known = process.allowedNodeEnvironmentFlags
  return [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    `--allow-fs-read=${folder}/`,
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
  ]
}

export interface ScriptOptions {
  /** Ends it when whoever waits for it leaves. */
  readonly signal: AbortSignal
  /** How long it may run. */
  readonly seconds?: number
}

/** Starts a script. */
export function startScript(script: string, args: readonly string[], options: ScriptOptions): ScriptRun {
  const { signal, seconds = SCRIPT_SECONDS } = options
  const path = realpathSync(script)
  const folder = dirname(path)
  const flags = [...restrictions(folder), `--max-old-space-size=${HEAP_MEBIBYTES}`]
  const child = spawn(process.execPath, [...flags, path, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the environment is its business, and what Node.js says of the flags is no news to its author.
    env: { NODE_NO_WARNINGS: '1' },
  })
  let output = ''
  let complaint = ''
  let fault: string | null = null
  let stopped = false
  let over = false
  let read = 0
  const { ring, until } = bell()

  function giveUp(why: string): void {
    fault ??= why
    child.kill('SIGKILL')
  }

  const leave = () => giveUp('it was stopped')
  signal.addEventListener('abort', leave)
  const timer = setTimeout(() => giveUp(`it still ran after ${seconds} seconds`), seconds * 1_000)
  const unwatch = watchMemory(child.pid, MEMORY_MEBIBYTES * 2 ** 20, () =>
    giveUp(`it took more than ${MEMORY_MEBIBYTES} MiB of memory`),
  )
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (output.length + text.length > OUTPUT_LIMIT) return giveUp(`it printed more than ${OUTPUT_LIMIT / 1024} KiB`)
    output += text
    ring()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_LIMIT)
  })

  async function end(): Promise<void> {
    const failure = await endOf(child)
    clearTimeout(timer)
    unwatch()
    signal.removeEventListener('abort', leave)
    over = true
    if (failure !== null) fault ??= failure.message
    else if (!stopped && child.exitCode !== 0) fault ??= endedWith(child.exitCode ?? child.signalCode, complaint)
    ring()
  }
  const ended = end()

  function nextLine(pattern: RegExp): RegExpExecArray | null {
    for (let stop = output.indexOf('\n', read); stop >= 0; stop = output.indexOf('\n', read)) {
      const found = pattern.exec(output.slice(read, stop).trimEnd())
      read = stop + 1
      if (found !== null) return found
    }
    return null
  }

  return {
    line: pattern => until(() => nextLine(pattern) ?? (over ? null : undefined)),
    get output() {
      return output
    },
    get fault() {
      return fault
    },
    ended,
    async stop() {
      stopped = true
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a script to its end. */
export async function outputOf(
  script: string,
  args: readonly string[],
  options: ScriptOptions,
): Promise<{ readonly output: string; readonly fault: string | null }> {
  const run = startScript(script, args, options)
  await run.ended
  return { output: run.output, fault: run.fault }
}

/** The line in which Node.js says what was thrown, else the last one. */
function endedWith(how: number | NodeJS.Signals | null, complaint: string): string {
  const lines = complaint.split('\n').filter(line => line.trim() !== '')
  const why = lines.find(line => /^\w*Error\b/.test(line)) ?? lines.at(-1)
  return printableLine(`it ended with ${how}${why === undefined ? '' : `: ${why.trim()}`}`, COMPLAINT_SHOWN)
}
