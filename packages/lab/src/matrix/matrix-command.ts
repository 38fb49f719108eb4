import type { Command } from 'commander'
import type { MatrixFlags } from './run-matrix.ts'

/** `chat-lab matrix`: every attack against every rung. */
export function addMatrixCommand(program: Command): void {
  program
    .command('matrix')
    .description('every attack against every rung, played live: which are broken, which resist, and what was seen')
    .option('--attack <name...>', 'these attacks alone; chat-lab attack lists all')
    .option('--rung <name...>', 'these rungs alone: calc, basic, textbook-dh, textbook-aes, dh, aes')
    .option('--json', 'one JSON object for each cell as it is done, and a summary')
    .addHelpText(
      'after',
      `
  broken     the attacker reached the goal
  resisted   the victim noticed, or the attack gained nothing and the conversation held
  leaks      the attacker learnt something, though not what was said
  -          there is nothing of that kind to attack
  missed     a program was late twice, the second time with nothing else played: no result, the machine is busy

All programs run on this machine, on loopback. A result in capitals is another than the one that is claimed.

  chat-lab matrix --attack eavesdropping iv-flip --rung textbook-aes aes

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
