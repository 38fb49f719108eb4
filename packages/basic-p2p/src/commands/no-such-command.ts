import type { ChatError } from '@p2p-secure-chat/core/errors'
import type { Command } from 'commander'
import { noSuch } from './no-such.ts'

/** Says of a word on the command line that it is no command of that program, and which one was meant, most likely. */
export function noSuchCommand(word: string, program: Command, hint?: string): ChatError {
  return noSuch(
    'command',
    word,
    program.commands.map(command => command.name()),
    hint,
  )
}
