/** The flag that asks for plain lines. */
const FLAG = '--plain'

/** What the person's settings say; null while they are not known. */
let chosen: boolean | null = null

/**
 * Whether everything on the terminal must be text alone, without a single escape sequence: the terminal says that it
 * understands none (TERM=dumb), or its person wants it so, by choosePlain() or, before that, with --plain.
 */
export function isPlain(env: NodeJS.ProcessEnv = process.env, args: readonly string[] = process.argv): boolean {
  return env['TERM'] === 'dumb' || (chosen ?? args.includes(FLAG))
}

/** Takes note of what the person's settings say, which are known only once the program runs. They outweigh the flag. */
export function choosePlain(plain: boolean): void {
  chosen = plain
}
