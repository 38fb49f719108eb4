import { type Argument, Command, CommanderError, Help, type Option } from 'commander'
import { VERSION } from '../installation.ts'
import { programOfNpmScript } from './npm-script.ts'

/**
 * A command with what every command of this project has: --help, --version, --no-color, --debug, and wrong usage as
 * exit code 2. Nothing heavy is loaded until its action runs.
 */
export function commandLine(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .version(VERSION)
    .option('--no-color', 'no colours, as with NO_COLOR in the environment')
    .option('--debug', 'show a stack trace on errors')
    .configureHelp({ optionDescription, argumentDescription })
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
}

/** What the help says of an option, with its default as a person would type it: without quotes, and with `~`. */
function optionDescription(option: Option): string {
  const { defaultValue, defaultValueDescription } = option
  if (typeof defaultValue === 'string' && defaultValueDescription === undefined) {
    option.default(defaultValue, withTilde(defaultValue))
  }
  return new Help().optionDescription(option)
}

/** The same for an argument and its choices. */
function argumentDescription(argument: Argument): string {
  const { description, argChoices } = argument
  if (argChoices === undefined) return new Help().argumentDescription(argument)
  return `${description}: ${argChoices.join(', ')}`
}

function withTilde(value: string): string {
  const home = process.env['HOME']
  return home && value.startsWith(`${home}/`) ? `~${value.slice(home.length)}` : value
}

/**
 * Parses the arguments and runs the action. Whatever ends the command is reported in the same way: what happened, its
 * code, what to do about it. With `--json` it is an `error` event on stdout.
 */
export async function runCommandLine(program: Command): Promise<void> {
  // Until the action decides: a reader of the help through a pipe may stop early.
  const stop = () => process.exit()
  process.stdout.on('error', stop)
  program.hook('preAction', async (_, command) => {
    process.stdout.off('error', stop)
    await refuseEmpty(command)
  })
  for (const defect of ['unhandledRejection', 'uncaughtException'] as const) {
    process.once(defect, (error: unknown) => void report(error, program).then(code => process.exit(code)))
  }
  try {
    if (programOfNpmScript() === program.name()) {
      const { takeOverFromNpm } = await import('./npm-run.ts')
      takeOverFromNpm(program)
    }
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    // Something may still be under way, and nobody waits for it any more.
    const { leave } = await import('./leave.ts')
    await leave(await report(error, program))
  }
}

/**
 * Refuses a flag or a file that was given as an empty text, as scripts do whose variable is not set: it means neither
 * "the default" nor any value.
 *
 * @throws {ChatError} `usage`
 */
async function refuseEmpty(command: Command): Promise<void> {
  const options = [command, ...ancestorsOf(command)].flatMap(of => of.options.map(option => ({ of, option })))
  const flag = options.find(({ of, option }) => isEmpty(of, option.attributeName()))?.option.long
  const file = command.registeredArguments.find((argument, i) => argument.name() === 'file' && command.args[i] === '')
  const empty = flag ?? (file === undefined ? undefined : `<${file.name()}>`)
  if (empty === undefined) return
  const { ChatError } = await import('../errors.ts')
  throw new ChatError('usage', `${empty} is empty`)
}

function ancestorsOf({ parent }: Command): Command[] {
  return parent === null ? [] : [parent, ...ancestorsOf(parent)]
}

function isEmpty(command: Command, option: string): boolean {
  const value: unknown = command.getOptionValue(option)
  // Some flags take several values, and those of our own may be empty.
  const holds = Array.isArray(value) ? value.includes('') : value === ''
  return holds && command.getOptionValueSource(option) === 'cli'
}

/** What the parser of the command line found, in one line. */
function misuse({ code, message }: CommanderError, { args, registeredArguments, commands }: Command): string {
  // It has printed the help already, in the place of an error.
  if (code === 'commander.help') return 'a command is missing'
  if (code === 'commander.excessArguments' && commands.length === 0) {
    return `unexpected argument '${args[registeredArguments.length]}'`
  }
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}

/** @returns the exit code */
async function report(error: unknown, program: Command): Promise<number> {
  const [{ asChatError, ChatError }, { errorEvent }, { reportError }, { reporter }] = await Promise.all([
    import('../errors.ts'),
    import('../error-event.ts'),
    import('./report-error.ts'),
    import('./reporter.ts'),
  ])
  const known = error instanceof CommanderError ? new ChatError('usage', misuse(error, program)) : error
  reporter({ json: process.argv.includes('--json') }).event({ ...errorEvent(asChatError(known)) })
  return reportError(known)
}
