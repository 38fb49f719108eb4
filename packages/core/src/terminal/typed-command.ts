import { isInstalled } from '../installation.ts'
import { programOfNpmScript } from './npm-script.ts'

/** The program with subcommands that the person used, and the subcommand of each other program. */
let umbrella: { readonly name: string; readonly words: ReadonlyMap<string, string> } | null = null

/**
 * Says that the person used one program by a subcommand of another, so that they can type all others in the same way.
 *
 * @param name of the program with subcommands
 * @param words the subcommand of each program, by the program's name
 */
export function startedAs(name: string, words: ReadonlyMap<string, string>): void {
  umbrella = { name, words }
}

/**
 * A command as the person can type it where they are: installed, in a checkout, or in a checkout where they use `npm run`.
 * Not for constants of modules, since it depends on how this process was started.
 *
 * @param program name of the program
 * @param rest what follows the name, if anything
 */
export function typedCommand(program: string, rest = '', env = process.env): string {
  if (programOfNpmScript(env) !== undefined) return `npm run ${program}${rest && ` -- ${rest}`}`
  const word = umbrella?.words.get(program)
  const command = umbrella === null || word === undefined ? program : `${umbrella.name} ${word}`
  return `${isInstalled ? '' : 'npx --no-install '}${command}${rest && ` ${rest}`}`
}
