import type { commandLine } from '@p2p-secure-chat/core/terminal/command-line'

/** `chat-lab read`: what a capture shows, with and without keys. */
export function addReadCommand(program: ReturnType<typeof commandLine>): void {
  program
    .command('read')
    .description('what a capture shows: every message, what the keys open, and what is wrong')
    .argument('<file>', 'a pcap or pcapng file, or - for stdin')
    .option('--keys <keylog>', 'a key log that a client wrote with --keylog: opens the sealed messages')
    .option('--json', 'one JSON object per line')
    .option('--html <out>', 'writes a page for the browser that explains every byte, in place of the ladder')
    .addHelpText(
      'after',
      `
A recording that goes on is shown as it comes, until Ctrl-C, which ends it in order:

  tcpdump -i lo -U -w - tcp | chat-lab read -

--json and --html go together: then stdout has the JSON, and the page is written as well.

Exit codes: 0 the capture was read, whatever is in it; 1 a file could not be read or written; 2 wrong usage.`,
    )
    .action(async (file: string, options: { readonly keys?: string; readonly json?: true; readonly html?: string }) => {
      const { runRead } = await import('./run-read.ts')
      await runRead(file, { keys: options.keys ?? null, json: options.json === true, html: options.html ?? null })
    })
}
