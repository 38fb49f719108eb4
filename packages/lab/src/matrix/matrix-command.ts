import type { Command } from 'commander'

interface Flags {
  readonly json?: boolean
  readonly attack?: readonly string[]
  readonly rung?: readonly string[]
}

/** `chat-lab matrix`: every attack against every rung. */
export function addMatrixCommand(program: Command): void {
  program
    .command('matrix')
    .description('runs every attack against every rung, live, and shows what came of each')
    .option('--attack <name...>', 'these attacks alone')
    .option('--rung <name...>', 'these rungs alone: calc, basic, textbook-dh, textbook-aes, dh, aes')
    .option('--json', 'one JSON object for each cell')
    .action(async (flags: Flags) => {
      const [{ runMatrix }, { quietPipe }] = await Promise.all([
        import('./run-matrix.ts'),
        import('@p2p-secure-chat/core/terminal/quiet-pipe'),
      ])
      quietPipe()
      process.exitCode = await runMatrix(flags)
    })
}
