#!/usr/bin/env node
import { runCommandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { startedAs } from '@p2p-secure-chat/core/terminal/typed-command'
import { commandNamed, SUBCOMMANDS, UMBRELLA } from '../every-command.ts'
import { umbrellaCommand } from '../umbrella-command.ts'

startedAs(UMBRELLA, SUBCOMMANDS)

// `help WORD` is the help of that program.
if (process.argv[2] === 'help' && commandNamed(process.argv[3]) !== undefined) {
  process.argv.splice(2, 2, process.argv[3] ?? '', '--help')
}
const command = commandNamed(process.argv[2])
// What follows the word belongs to the program that it names.
if (command !== undefined) process.argv.splice(2, 1)
await runCommandLine(command === undefined ? await umbrellaCommand() : await command.load())
