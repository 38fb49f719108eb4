import { isInstalled, PROGRAM_NAMES, type ProgramName } from '../installation.ts'

/**
 * The program that a script of the checkout runs, as in `npm run chat-client` or `npm start`, if npm is what started this
 * process or one above it. Undefined otherwise, under `npm test` for example.
 */
export function programOfNpmScript(env = process.env): ProgramName | undefined {
  if (isInstalled || env['npm_package_name'] !== 'p2p-secure-chat') return undefined
  // The script as package.json has it, without the person's arguments: set-up, then the program.
  const [name] = env['npm_lifecycle_script']?.split('&& ').at(-1)?.split(' ') ?? []
  return PROGRAM_NAMES.find(program => program === name)
}
