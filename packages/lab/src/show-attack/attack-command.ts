import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { Command } from 'commander'
import type { AttackFlags } from './run-attack.ts'

/** `chat-lab attack [NAME]`: one attack, step by step. */
export function addAttackCommand(program: Command): void {
  program
    .command('attack')
    .description('play one attack and explain it step by step; without a name, list all attacks')
    .argument('[name]', 'which attack')
    .option(
      '--against <rung>',
      'only on this rung: calc, basic, textbook-dh, textbook-aes, dh or aes; by default on all',
    )
    .option('--explain', 'the lesson as well: why it works, what stops it, where to read more')
    .option('--record <file>', "what crosses the attacker's sockets, into this new pcapng file")
    .option('--yes', 'do not ask for a prediction')
    .option('--json', 'one JSON object for each step and each outcome')
    .addHelpText(
      'after',
      () => `
On a terminal it asks for your prediction first: broken, resisted or leaks. Ctrl-C leaves, and ends all programs.

  ${typedCommand('chat-lab', 'attack iv-flip --against textbook-aes --explain')}
  ${typedCommand('chat-lab', 'attack eavesdropping --record seen.pcapng')}
  ${typedCommand('chat-lab', 'read seen.pcapng')}

Exit codes: 0 it came out as claimed, or there is nothing to attack on that rung; 1 it did not; 2 wrong usage.`,
    )
    .action(async (name: string | undefined, flags: AttackFlags) => {
      const [{ runAttack }, { leave }] = await Promise.all([
        import('./run-attack.ts'),
        import('@p2p-secure-chat/core/terminal/leave'),
      ])
      await leave(await runAttack(name, flags))
    })
}
