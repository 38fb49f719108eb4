import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { bell } from '@p2p-secure-chat/stage/bell'
import { watchMemory } from './memory-watch.ts'
import { endsWithUs } from '@p2p-secure-chat/stage/leftovers'
import { endOf } from '@p2p-secure-chat/stage/system-process'
import { spawnConfined } from './confined-script.ts'

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
  /** Ends it when whoever waits for it leaves. */
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

/** Ends a script that takes too long or too much, and with whoever waits for it. @returns lets it go */
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
