import { EXIT_CODES } from '../terminal/leave.ts'

/** A part of the program that changes how the terminal behaves, or has something on its last rows. */
export interface TerminalUse {
  /** Switches its modes on, whatever they are at that moment. */
  on(): void
  /** Switches them off. */
  off(): void
  /** Before a stop, or the end: leaves the cursor where a shell can go on, at the beginning of a row. */
  leave?(): void
  /**
   * After a stop, with the modes on: draws again.
   *
   * @param left whether leave() came before; SIGSTOP announces nothing, and SIGCONT may come without any stop
   */
  back?(left: boolean): void
}

/**
 * How long a stop may take to begin, in milliseconds. After that we still run: the kernel ignores SIGTSTP in a process
 * group that nobody could continue (POSIX, "orphaned process group").
 */
const STOP_WAIT = 100

/** In the order in which they came. A process has one terminal, so there is one such list. */
const uses: TerminalUse[] = []

/** Runs out when the stop did not come; null while the modes are on. */
let stopping: NodeJS.Timeout | null = null

/** Ends a process that has nothing else to do at this signal in a way that gives the terminal back. */
const ends = EXIT_CODES.map(([signal, exitCode]) => ({
  signal,
  listener: () => void (process.listenerCount(signal) === 1 && process.exit(exitCode)),
}))

/**
 * Switches modes of the terminal on until release(), and off while the process is stopped, by Ctrl-Z or by somebody else,
 * and when it ends in any way but SIGKILL.
 */
export function holdTerminal(use: TerminalUse): { release(): void } {
  if (uses.length === 0) watch()
  uses.push(use)
  use.on()
  return {
    release() {
      const index = uses.indexOf(use)
      if (index < 0) return
      uses.splice(index, 1)
      use.off()
      if (uses.length === 0) unwatch()
    },
  }
}

/** Does what Ctrl-Z is for: stops the process and those that it runs with, such as npm, until the shell continues them. */
export function suspend(): void {
  // Windows has no such signal.
  if (stopping !== null || process.platform === 'win32') return
  giveBack()
  // Without a listener, the signal does what it always does.
  process.off('SIGTSTP', suspend)
  // Where it did stop, SIGCONT is heard of first.
  stopping = setTimeout(() => setImmediate(() => void (stopping !== null && resume())), STOP_WAIT)
  process.kill(0, 'SIGTSTP')
}

/** A shell sets modes of its own meanwhile, and gives none back: what libuv believes to be on may be off. */
function resume(): void {
  const left = stopping !== null
  if (stopping !== null) {
    clearTimeout(stopping)
    stopping = null
    process.on('SIGTSTP', suspend)
  } else {
    for (const use of uses.toReversed()) use.off()
  }
  for (const use of uses) use.on()
  for (const use of uses) use.back?.(left)
}

function giveBack(): void {
  for (const use of uses.toReversed()) {
    use.leave?.()
    use.off()
  }
}

function watch(): void {
  process.on('exit', giveBack).on('SIGCONT', resume).on('SIGTSTP', suspend)
  for (const { signal, listener } of ends) process.on(signal, listener)
}

function unwatch(): void {
  process.off('exit', giveBack).off('SIGCONT', resume).off('SIGTSTP', suspend)
  for (const { signal, listener } of ends) process.off(signal, listener)
}
