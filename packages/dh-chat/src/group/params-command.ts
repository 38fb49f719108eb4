import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import type { Command } from 'commander'
import type { ParamsOptions } from './params.ts'

/** The command line of dh-params. */
export function paramsCommand(): Command {
  return commandLine('dh-params', 'generates a Diffie-Hellman group with a safe prime, as PEM (PKCS #3 DH PARAMETERS)')
    .option('--bits <bits>', 'length of the prime, from 2048 to 8192', '2048')
    .option('--out <file>', 'write to this new file (default: stdout)')
    .option('--force', 'overwrite the file of --out')
    .addHelpText(
      'after',
      `
The search is a matter of luck: on average it takes about 10 seconds for 2048 bits, a minute for 3072, several for
4096, an hour for 8192, and sometimes four times as long. Give both sides the same file with --group. openssl dhparam
-check accepts it.

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 stopped by Ctrl-C (143 by SIGTERM) with nothing written.`,
    )
    .action(async (options: ParamsOptions) => {
      const { quietPipe } = await import('@p2p-secure-chat/core/terminal/quiet-pipe')
      const { makeParams } = await import('./params.ts')
      quietPipe()
      process.exitCode = await makeParams(options)
    })
}
