import { inspect } from 'node:util'
import { asChatError } from '../errors.ts'
import { colourFor } from './colour.ts'
import { printable, printableLine } from './printable.ts'
import { linesFor } from './wrap-lines.ts'

/** What --debug shows at most, in characters: several causes with deep stacks. */
const MAX_TRACE_CHARACTERS = 65_536

/**
 * Reports on stderr, to a person, what ended the command: `error: <what happened> (<code>)`, then one indented line that says
 * what to do about it. Anything but a ChatError is a defect of ours, under the code `internal`.
 *
 * @param options.debug adds the stack trace, causes included; by default as the command was given --debug
 * @returns the exit code: 1 failed while running, 2 wrong usage, 3 refused for security
 */
export function reportError(error: unknown, { debug = isDebugged() } = {}): number {
  const { message, code, hint, exitCode } = asChatError(error)
  const { red } = colourFor(process.stderr)
  const lines = [red(`error: ${printableLine(message)} (${code})`), `  ${printableLine(hint)}`]
  if (debug) lines.push(stackOf(error))
  process.stderr.write(`${linesFor(process.stderr, lines.join('\n'))}\n`)
  return exitCode
}

/** The stack of an error and its causes, indented, fit for a screen. */
export function stackOf(error: unknown): string {
  return printable(inspect(error), MAX_TRACE_CHARACTERS).replace(/^/gm, '  ')
}

/** Whether the command was given --debug. */
export function isDebugged(): boolean {
  return process.argv.includes('--debug')
}
