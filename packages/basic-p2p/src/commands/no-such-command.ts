import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Command } from 'commander'
import { closeMatch } from './close-match.ts'

/** Says of a word on the command line that it is no command of that program, and which one was meant, most likely. */
export function noSuchCommand(word: string, program: Command, hint?: string): ChatError {
  const meant = closeMatch(
    word,
    program.commands.map(command => command.name()),
  )
  const message = `there is no command ${word}${meant === null ? '' : `; did you mean ${meant}?`}`
  return new ChatError('usage', message, hint === undefined ? {} : { hint })
}
