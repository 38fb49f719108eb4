import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Readable } from 'node:stream'
import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { bell } from '@p2p-secure-chat/stage/bell'
import { endsWithUs } from '@p2p-secure-chat/stage/leftovers'
import { endOf } from '@p2p-secure-chat/stage/system-process'
import { peakMemory } from '@p2p-secure-chat/stage/system-process'

/** How long a script may run, in seconds: a padding oracle attack takes two or three, on a slow machine twenty. */
export const SCRIPT_SECONDS = 60

/** Most that a script may print, in bytes: an exercise asks for some lines. */
const OUTPUT_LIMIT = 64 * 1024

/** Memory that a script may take, in MiB: one that hoards must not take the machine with it. Node.js alone has some 60. */
const MEMORY_MEBIBYTES = 512

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

export interface ScriptOptions {
  /** Ends the script. */
  readonly signal: AbortSignal
  /** How long it may run. */
  readonly seconds?: number
  /** Called when that time is over. */
  readonly onLate?: () => void
}

/** Starts a script. */
export function startScript(script: string, args: readonly string[], options: ScriptOptions): ScriptRun {
  const child = spawnConfined(script, args)
  const { ring, until } = bell()
  const printed = growingText()
  let complaint = ''
  let fault: string | null = null
  let stopped = false
  let over = false

  function giveUp(why: string): void {
    fault ??= why
    child.kill('SIGKILL')
  }

  const release = holdToLimits(child.pid, options, giveUp)
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (!printed.add(text)) return giveUp(`it printed more than ${OUTPUT_LIMIT / 1024} KiB`)
    ring()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_LIMIT)
  })

  const isGone = endsWithUs(child)

  async function end(): Promise<void> {
    const failure = await endOf(child)
    release()
    isGone()
    over = true
    if (failure !== null) fault ??= failure.message
    else if (!stopped && child.exitCode !== 0) fault ??= endedWith(child.exitCode ?? child.signalCode, complaint)
    ring()
  }
  const ended = end()

  return {
    line: pattern => until(() => printed.nextLine(pattern) ?? (over ? null : undefined)),
    get output() {
      return printed.all
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

/** Ends a script that exceeds a limit, or when the signal aborts. @returns releases the watch */
function holdToLimits(
  pid: number | undefined,
  { signal, seconds = SCRIPT_SECONDS, onLate }: ScriptOptions,
  giveUp: (why: string) => void,
): () => void {
  const leave = () => giveUp('it was stopped')
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  const timer = setTimeout(() => {
    onLate?.()
    giveUp(`it still ran after ${seconds} seconds`)
  }, seconds * 1_000)
  const unwatch = watchMemory(pid, MEMORY_MEBIBYTES * 2 ** 20, () =>
    giveUp(`it took more than ${MEMORY_MEBIBYTES} MiB of memory`),
  )
  return () => {
    signal.removeEventListener('abort', leave)
    clearTimeout(timer)
    unwatch()
  }
}

/** What a script prints, which is read line by line. */
function growingText() {
  let all = ''
  let read = 0

  return {
    get all() {
      return all
    },
    /** Whether there is room for it. */
    add(text: string): boolean {
      if (all.length + text.length > OUTPUT_LIMIT) return false
      all += text
      return true
    },
    /** The next whole line that looks like that. */
    nextLine(pattern: RegExp): RegExpExecArray | null {
      for (let stop = all.indexOf('\n', read); stop >= 0; stop = all.indexOf('\n', read)) {
        const found = pattern.exec(all.slice(read, stop).trimEnd())
        read = stop + 1
        if (found !== null) return found
      }
      return null
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

/** The heap of a script, in MiB: all that Node.js itself bounds of its memory. Buffers lie elsewhere. */
const HEAP_MEBIBYTES = 256

/**
 * Flags under which a script can read its own folder alone, and neither write files nor start programs, as far as
 * Node.js can hold it to that. It is not a sandbox: it keeps mistakes from spreading.
 */
function restrictions(folder: string): string[] {
  const known = process.allowedNodeEnvironmentFlags
  return [
    known.has('--permission') ? '--permission' : '--experimental-permission',
    `--allow-fs-read=${folder}/`,
    ...(known.has('--allow-net') ? ['--allow-net'] : []),
    `--max-old-space-size=${HEAP_MEBIBYTES}`,
  ]
}

const ignore = () => undefined

/**
 * SIGUSR1 makes Node.js open its inspector to all of this machine, and a script may send signals. Where somebody listens
 * for it that does not happen, else a script could change its own grade in the program that gives it.
 */
function keepInspectorShut(): void {
  if (!process.listeners('SIGUSR1').includes(ignore)) process.on('SIGUSR1', ignore)
}

/** Starts a script in its own folder, without input. From then on this program takes no notice of SIGUSR1. */
export function spawnConfined(script: string, args: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  keepInspectorShut()
  const path = realpathSync(script)
  const folder = dirname(path)
  return spawn(process.execPath, [...restrictions(folder), path, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing of the environment is its business, and what Node.js says of the flags is no news to its author.
    env: { NODE_NO_WARNINGS: '1' },
  })
}

/** How often to look, in milliseconds: meanwhile a process that is in a hurry takes some hundred MiB more. */
const INTERVAL = 50

/**
 * Looks after the memory of a process, where the system tells (see peakMemory).
 *
 * @param limit in bytes
 * @param exceeded is called when it has taken more than that; maybe more than once
 * @returns ends the watch
 */
export function watchMemory(pid: number | undefined, limit: number, exceeded: () => void): () => void {
  async function look(): Promise<void> {
    const peak = await peakMemory(pid)
    if (peak !== null && peak > limit) exceeded()
  }

  const timer = setInterval(() => void look(), INTERVAL)
  return () => clearInterval(timer)
}
