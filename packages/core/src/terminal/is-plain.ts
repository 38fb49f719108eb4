/** The flag that asks for plain lines. */
const FLAG = '--plain'

let chosen = false

/**
 * Whether everything on the terminal must be text alone, without a single escape sequence: the terminal says that it
 * understands none (TERM=dumb), or its person wants it so, with --plain or by choosePlain().
 */
export function isPlain(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv): boolean {
  return chosen || isDumb(env) || args.includes(FLAG)
}

/** Whether the terminal understands no escape sequence, whatever its person wants. */
export function isDumb(env: NodeJS.ProcessEnv = process.env): boolean {
  return env['TERM'] === 'dumb'
}

/** Takes note of what the person's settings say, which are known only once the program runs. */
export function choosePlain(plain: boolean): void {
  chosen = plain
}
