import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { refuseOtherWords } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import { addReadCommand, addWiresharkCommand } from '@p2p-secure-chat/dissector/commands'
import type { Command } from 'commander'
import { addCrackCommand, addToyCommand } from './crack/crack-commands.ts'
import { addExerciseCommand } from './exercise/command/exercise-command.ts'
import { addMatrixCommand } from './matrix/matrix-command.ts'
import { addAttackCommand } from './show-attack/attack-command.ts'

/** The command line of chat-lab. */
export function labCommand(): Command {
  const program = commandLine(
    'chat-lab',
    'shows the ladder at work, with real programs and real sockets on this machine',
  )

  program
    .command('demo')
    .description('the tour: a conversation on each rung, as alice, bob and an eavesdropper see it')
    .action(async () => {
      const { quietPipe } = await import('@p2p-secure-chat/core/terminal/quiet-pipe')
      const { runDemo } = await import('./tour/demo.ts')
      quietPipe()
      process.exitCode = await runDemo()
    })

  addReadCommand(program)
  addWiresharkCommand(program)
  addCrackCommand(program)
  addToyCommand(program)
  addMatrixCommand(program)
  addAttackCommand(program)
  addExerciseCommand(program)

  refuseOtherWords(program)
  return program
}
