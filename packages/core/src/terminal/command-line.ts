import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'

/**
 * A command with what every command of this project has: --help, --version, --no-color, --debug, and wrong usage as
 * exit code 2. Nothing heavy is loaded until its action runs.
 */
export function commandLine(name: string, description: string): Command {
  const packageFile = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { version }: { version: string } = JSON.parse(packageFile)
  return new Command(name)
    .description(description)
    .version(version)
    .option('--no-color', 'no colours, as with NO_COLOR in the environment')
    .option('--debug', 'show a stack trace on errors')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
}

/**
 * Parses the arguments and runs the action. Whatever ends the command is reported in the same way: what happened, its
 * code, what to do about it. With `--json` it is an `error` event on stdout.
 */
export async function runCommandLine(program: Command): Promise<void> {
  // Until the action decides itself: whoever reads the help through a pipe may stop early.
  const stop = () => process.exit()
  process.stdout.on('error', stop)
  program.hook('preAction', () => void process.stdout.off('error', stop))
  for (const defect of ['unhandledRejection', 'uncaughtException'] as const) {
    process.once(defect, (error: unknown) => void report(error).then(code => process.exit(code)))
  }
  try {
    await program.parseAsync()
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return
    // Something may still be under way, and nobody waits for it any more.
    const { leave } = await import('./leave.ts')
    await leave(await report(error))
  }
}

/** What the parser of the command line found, in one line. */
function misuse({ code, message }: CommanderError): string {
  // It has printed the help already, in the place of an error.
  if (code === 'commander.help') return 'a command is missing'
  return message.replace(/^error: /, '').replaceAll('\n', ' ')
}

/** @returns the exit code */
async function report(error: unknown): Promise<number> {
  const { asChatError, ChatError } = await import('../errors.ts')
  const { isDebugged, reportError } = await import('./report-error.ts')
  const known = error instanceof CommanderError ? new ChatError('usage', misuse(error)) : error
  if (process.argv.includes('--json')) {
    const [{ errorEvent }, { eventLine }] = await Promise.all([import('../error-event.ts'), import('./json-line.ts')])
    process.stdout.write(eventLine({ ...errorEvent(asChatError(known)) }))
  }
  return reportError(known, { debug: isDebugged() })
}
