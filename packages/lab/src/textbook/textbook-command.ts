import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import type { Command } from 'commander'
import type { TextbookFlags } from './program.ts'

/** The command line of the textbook's program, which only the lab starts. */
export function textbookCommand(): Command {
  return commandLine('textbook', 'The directory or a peer of the textbook, for the stage of the lab alone.')
    .option('--listen <address>', 'where to listen: loopback alone', '127.0.0.1:0')
    .option('--directory <address>', 'be a peer, and register there; without it, be a directory')
    .option('--name <name>', 'what the peer calls itself', '')
    .option('--step <step>', 'plain: agree on a secret, and make no use of it; aes: encrypt under it')
    .option('--group <name>', "a toy group; the textbook's own if not said")
    .option('--exponent <number>', 'the private exponent, for as long as it runs; drawn at random if not said')
    .option('--advertise <port>', 'the port to be named in the directory; the true one if not said')
    .option('--to <name>', 'call a peer at once')
    .option('--json', 'report an error as an event too; everything else is one in any case')
    .action(async (flags: TextbookFlags) => {
      const { runTextbook } = await import('./program.ts')
      await runTextbook(flags)
    })
}
