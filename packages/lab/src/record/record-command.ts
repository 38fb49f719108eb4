import type { Command } from 'commander'

/** `chat-lab record`: the captures of this project, recorded anew. */
export function addRecordCommand(program: Command): void {
  program
    .command('record')
    .description('records all captures anew, between three hosts that exist as long as it runs (Linux)')
    .requiredOption('--out <dir>', 'where to write them; files of the same names are replaced when all are recorded')
    .addHelpText(
      'after',
      `
As root, or wherever a user may make namespaces. It needs tcpdump, ip and ss, ethtool, unshare, nsenter and setpriv, and
touches no network of this machine.`,
    )
    .action(async ({ out }: { readonly out: string }) => {
      const { runRecord } = await import('./run-record.ts')
      // A step of a story that was stopped may still be waiting.
      process.exit(await runRecord(out))
    })
}
