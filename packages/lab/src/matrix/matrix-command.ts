import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { Command } from 'commander'
import type { MatrixFlags } from './run-matrix.ts'

/** `chat-lab matrix`: every attack against every rung. */
export function addMatrixCommand(program: Command): void {
  program
    .command('matrix')
    .description('play every attack against every rung: which are broken, which resist, and the evidence')
    .option('--attack <name...>', 'only these attacks; the command attack lists all')
    .option('--rung <name...>', 'only these rungs: calc, basic, textbook-dh, textbook-aes, dh, aes')
    .option('--json', 'one JSON object for each cell as it is done, and a summary')
    .addHelpText(
      'after',
      () => `
  broken     the attacker reached the goal
  resisted   the victim noticed, or the attack gained nothing and the conversation held
  leaks      the attacker learnt something, though not what was said
  -          there is nothing of that kind to attack
  missed     a program was late twice, the second time with nothing else played: no result, the machine is busy

All programs run on this machine, on loopback. A result in capitals differs from the claim.

  ${typedCommand('chat-lab', 'matrix --attack eavesdropping iv-flip --rung textbook-aes aes')}

Exit codes: 0 every cell came out as claimed, 1 some did not, 2 wrong usage.`,
    )
    .action(async (flags: MatrixFlags) => {
      const [{ runMatrix }, { leave }] = await Promise.all([
        import('./run-matrix.ts'),
        import('@p2p-secure-chat/core/terminal/leave'),
      ])
      await leave(await runMatrix(flags))
    })
}
