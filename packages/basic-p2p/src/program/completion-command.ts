import type { Command } from 'commander'
import { policiesOf } from './client-flags.ts'
import type { Rung } from './rung.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

/** Adds `completion SHELL`, which writes a script to source. What it completes is read off the program itself. */
export function addCompletionCommand(program: Command, rung: Rung): void {
  program
    .helpCommand(false)
    .command('completion')
    .description('write a script that lets your shell complete this command')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(SHELLS))
    .allowExcessArguments(false)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const [{ describeProgram }, { scriptFor }, { groupNames }] = await Promise.all([
        import('./completion/described-program.ts'),
        import('./completion/scripts.ts'),
        import('@p2p-secure-chat/core/dh/groups'),
      ])
      const values = {
        '--accept': policiesOf(rung),
        '--group': groupNames,
      }
      process.stdout.write(scriptFor[shell](describeProgram(program, namesOf(rung), values)))
    })
}

/** The command of a rung goes by the name of its protocol as well: `chat-client` is `aes-chat-client`. */
function namesOf({ bin, protocol }: Rung): string[] {
  const family = /^peer-(\w+)\//.exec(protocol)?.[1] ?? bin
  return [...new Set([`${bin}-client`, `${family}-chat-client`])]
}
