#!/usr/bin/env node
import { commandLine, runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { noSuchSubcommand } from '@p2p-secure-chat/basic-p2p/commands/suggestions'
import { addReadCommand, addWiresharkCommand } from '@p2p-secure-chat/dissector/commands'
import { addCrackCommand, addToyCommand } from '../crack/crack-commands.ts'
import { addAttackCommand } from '../show-attack/attack-command.ts'
import { addMatrixCommand } from '../matrix/matrix-command.ts'
import { addExerciseCommand } from '../exercise/command/exercise-command.ts'

const program = commandLine(
  'chat-lab',
  'Shows the ladder at work, with real programs and real sockets on this machine.',
)

program
  .command('demo')
  .description('the tour: a conversation on each rung, as alice, bob and an eavesdropper see it')
  .action(async () => {
    const { quietPipe } = await import('@p2p-secure-chat/core/terminal/quiet-pipe')
    const { runDemo } = await import('../tour/demo.ts')
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

// In the place of its action and of its help.
for (const event of ['command:*', 'beforeAllHelp']) program.on(event, refuseUnknownCommand)

await runCommandLine(program)

/** @throws {ChatError} `usage` */
function refuseUnknownCommand(): void {
  const word = program.args.find(arg => !arg.startsWith('-'))
  const known = ['help', ...program.commands.map(command => command.name())]
  if (word !== undefined && !known.includes(word)) throw noSuchSubcommand(word, program)
}
