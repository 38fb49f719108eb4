import { Chalk, type ChalkInstance } from 'chalk'
import { isPlain } from './is-plain.ts'

/** Sixteen colours are all that is used, and each theme keeps those legible. */
const SIXTEEN_COLOURS = 1
const NO_COLOURS = 0

/** The part of an output stream that decides: only a terminal is ever coloured. */
export interface Coloured {
  readonly isTTY?: boolean
}

/** Colours text; or, where none show, leaves it as it is. */
export type Colours = ChalkInstance

/**
 * Chalk for one stream. Its colours show when the stream is a terminal that knows them, unless everything is to be plain,
 * the environment has a NO_COLOR that is not empty (no-color.org), or the command line has --no-color.
 */
export function colourFor(
  stream: Coloured,
  env: NodeJS.ProcessEnv = process.env,
  args: readonly string[] = process.argv,
): Colours {
  const wanted = stream.isTTY === true && !env['NO_COLOR'] && !isPlain(env, args) && !args.includes('--no-color')
  return new Chalk({ level: wanted ? SIXTEEN_COLOURS : NO_COLOURS })
}
