import type { Command } from 'commander'
import { policiesOf } from './accept-policies.ts'
import type { Rung } from './rung.ts'

/** A script for each shell, loaded only when somebody asks for it. */
export const SHELL_SCRIPTS = {
  bash: async () => (await import('./completion/bash-script.ts')).bashScript,
  zsh: async () => (await import('./completion/zsh-script.ts')).zshScript,
  fish: async () => (await import('./completion/fish-script.ts')).fishScript,
} as const

export type Shell = keyof typeof SHELL_SCRIPTS

/** The shells whose completion we write. */
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish']

/** Adds `completion SHELL`, which writes a script to source. It completes whatever the program itself declares. */
export function addCompletionCommand(program: Command, rung: Rung): void {
  program
    .helpCommand(false)
    .command('completion')
    .description('write a script that lets your shell complete this command')
    .addArgument(program.createArgument('<shell>', 'which shell').choices(SHELLS))
    .allowExcessArguments(false)
    .action(async (shell: Shell) => {
      const [{ describeProgram }, script, { groupNames }] = await Promise.all([
        import('./completion/described-program.ts'),
        SHELL_SCRIPTS[shell](),
        import('@p2p-secure-chat/core/dh/groups'),
      ])
      const values = {
        '--accept': policiesOf(rung),
        '--group': groupNames,
      }
      process.stdout.write(script(describeProgram(program, namesOf(rung), values)))
    })
}

/** The client of a rung is also called by the name of its protocol: `chat-client` is `aes-chat-client`. */
function namesOf({ bin, protocol }: Rung): string[] {
  const family = /^peer-(\w+)\//.exec(protocol)?.[1] ?? bin
  return [...new Set([`${bin}-client`, `${family}-chat-client`])]
}
