import { inspect } from 'node:util'
import { ChatError } from '../errors.ts'
import { colourFor } from './colour.ts'
import { printable, printableLine } from './printable.ts'

/** What --debug shows at most, in characters: several causes with deep stacks. */
const MAX_TRACE_CHARACTERS = 65_536

interface Report {
  readonly message: string
  readonly code: string
  readonly hint: string
  readonly exitCode: number
}

function describe(error: unknown, debug: boolean): Report {
  if (error instanceof ChatError) return error
  return {
    message: error instanceof Error ? error.message || error.name : inspect(error),
    code: 'internal',
    hint: debug ? 'this is a defect: report it with the trace below' : 'run again with --debug and report it',
    exitCode: 1,
  }
}

/**
 * Tells a person on stderr what ended the command: `error: <what happened> (<code>)`, then one indented line that says
 * what to do about it. Anything that is no ChatError is a defect of ours, under the code `internal`.
 *
 * @param options.debug adds the stack trace, causes included
 * @returns the exit code: 1 failed while running, 2 wrong usage, 3 refused for security
 */
export function reportError(error: unknown, { debug = false }: { debug?: boolean } = {}): number {
  const { message, code, hint, exitCode } = describe(error, debug)
  const { red } = colourFor(process.stderr)
  const lines = [red(`error: ${printableLine(message)} (${code})`), `  ${hint}`]
  if (debug) lines.push(printable(inspect(error), MAX_TRACE_CHARACTERS).replace(/^/gm, '  '))
  process.stderr.write(`${lines.join('\n')}\n`)
  return exitCode
}
