import { refuseOtherWords } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import { type Shell, SHELLS } from '@p2p-secure-chat/basic-p2p/program/completion-command'
import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import type { Command } from 'commander'
import { EVERY_COMMAND, UMBRELLA } from './every-command.ts'

/** The command line of `p2p-secure-chat` itself: its help, its version, and what it says about an unknown word. */
export async function umbrellaCommand(): Promise<Command> {
  const umbrella = commandLine(
    UMBRELLA,
    'all programs in one: a terminal chat without account or cloud, the ladder that leads to it, and a lab',
  ).addHelpText('after', '\nEach command has a --help of its own.')
  for (const { word, load } of EVERY_COMMAND) {
    umbrella
      .command(word)
      .description((await load()).description())
      .helpOption(false)
  }
  umbrella
    .command('completion')
    .description('write a script that lets your shell complete all of these')
    .addArgument(umbrella.createArgument('<shell>', 'which shell').choices(SHELLS))
    .allowExcessArguments(false)
    .action(async (shell: Shell) => {
      const { completionScripts } = await import('./completion.ts')
      process.stdout.write([...(await completionScripts(shell)).values()].join('\n'))
    })
  refuseOtherWords(umbrella)
  return umbrella
}
