import { noSuchSubcommand } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import type { Command } from 'commander'
import type { CheckFlags } from './run-check.ts'
import type { ServeFlags } from './run-serve.ts'
import type { ResetFlags, StartFlags } from './run-start.ts'

const FOLDER = ['--folder <dir>', 'its location; by default chat-lab-exercises/NAME'] as const

/** `chat-lab exercise`: graded tasks. */
export function addExerciseCommand(program: Command): void {
  const exercise = program
    .command('exercise')
    .description('graded tasks, each in a variant of your own: list, start, check, reset, serve')

  exercise
    .command('list')
    .description('all exercises, with their points and how far you are')
    .option('--json', 'one JSON object for each')
    .action(async (flags: { readonly json?: boolean }) => {
      const { runList } = await import('./run-list.ts')
      await runList(flags)
    })

  exercise
    .command('start')
    .description('makes a folder with a task and everything needed to solve it')
    .argument('<name>', 'an exercise, as list names it')
    .option('--seed <text>', 'which variant; by default one of your own')
    .option(...FOLDER)
    .action(async (name: string, flags: StartFlags) => {
      const { runStart } = await import('./run-start.ts')
      await runStart(name, flags)
    })

  exercise
    .command('check')
    .description('grades what is in a folder, and writes a receipt into it')
    .argument('[name]', 'an exercise; without one, all that you started here')
    .option(...FOLDER)
    .option('--receipt <file>', 'regrades a receipt and says whether it holds; this runs its script')
    .option('--seed <text>', 'with --receipt: the seed that it must be for')
    .option('--json', 'one JSON object for each part, and one for the whole')
    .addHelpText(
      'after',
      `
A script runs for up to a minute, in a folder of its own, with Node.js told to let it read that folder alone. That keeps
mistakes from spreading, but it is not a sandbox: a script runs as your own user, reaches the network, and can end your
processes or take over other Node.js programs of yours. Grade other people's scripts on a machine or account that holds nothing of yours.

Exit codes: 0 all is right (or the receipt holds), 1 not yet (or it does not), 2 wrong usage.`,
    )
    .action(async (name: string | undefined, flags: CheckFlags) => {
      const { runCheck } = await import('./run-check.ts')
      process.exitCode = await runCheck(name, flags)
    })

  exercise
    .command('reset')
    .description('restarts an exercise, and keeps the old folder under another name')
    .argument('<name>', 'an exercise that was started')
    .option('--seed <text>', 'another variant; by default it stays the same')
    .option('--yes', 'do not ask')
    .option(...FOLDER)
    .action(async (name: string, flags: ResetFlags) => {
      const { runReset } = await import('./run-start.ts')
      await runReset(name, flags)
    })

  exercise
    .command('serve')
    .description('runs the service that a task is about, on this machine alone')
    .argument('<name>', 'an exercise whose task says that it has one')
    .option('--port <port>', 'where to listen; 0 takes a free port', '0')
    .option(...FOLDER)
    .option('--json', 'print its address as one JSON object')
    .action(async (name: string, { port, ...flags }: Omit<ServeFlags, 'port'> & { readonly port: string }) => {
      const [{ runServe }, { parsePort }] = await Promise.all([
        import('./run-serve.ts'),
        import('@p2p-secure-chat/core/net/address'),
      ])
      await runServe(name, { ...flags, port: parsePort(port) })
    })

  exercise.on('command:*', ([word = '']: readonly string[]) => {
    throw noSuchSubcommand(word, exercise)
  })
}
