import type { Command } from 'commander'
import { ChatError } from '@p2p-secure-chat/core/errors'

/** Flags of the program that every command accepts. */
const COMMON: readonly unknown[] = ['--no-color', '--debug', '--plain']

/**
 * Refuses flags of the chat that mean nothing to a subcommand: the program itself would accept them silently.
 *
 * @param name the name of the command, for the message
 * @throws {ChatError} `usage`
 */
export function refuseForeignFlags(program: Command, command: Command, name: string): void {
  const own = [...command.options.map(({ long }) => long), ...COMMON]
  const foreign = program.options.find(
    option => program.getOptionValueSource(option.attributeName()) === 'cli' && !own.includes(option.long),
  )
  if (foreign !== undefined) throw new ChatError('usage', `${name} does not take ${foreign.long ?? foreign.flags}`)
}
