/** The flag that asks for plain lines. */
const FLAG = '--plain'

/**
 * Whether everything on the terminal must be text alone, without a single escape sequence: the terminal says that it
 * understands none (TERM=dumb), or the command line has --plain, for people who have their screen read aloud.
 */
export function isPlain(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv): boolean {
  return env['TERM'] === 'dumb' || args.includes(FLAG)
}
