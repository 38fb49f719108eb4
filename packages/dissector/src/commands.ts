import { ChatError } from '@p2p-secure-chat/core/errors'
import type { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { Command } from 'commander'

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
      () => `
A live recording is shown as it comes; Ctrl-C ends it cleanly:

  tcpdump -i lo -U -w - tcp | ${typedCommand('chat-lab', 'read -')}

--json and --html go together: then stdout has the JSON, and the page is written as well.

Exit codes: 0 the capture was read, whatever is in it; 1 a file could not be read or written; 2 wrong usage.`,
    )
    .action(async (file: string, options: { readonly keys?: string; readonly json?: true; readonly html?: string }) => {
      const { runRead } = await import('./reader/run-read.ts')
      await runRead(file, { keys: options.keys ?? null, json: options.json === true, html: options.html ?? null })
    })
}

/** Adds `wireshark`, which is about the dissector that comes with this package. What it needs is loaded when it runs. */
export function addWiresharkCommand(program: Command): void {
  const wireshark = program
    .command('wireshark')
    .description('a dissector for Wireshark: every byte of every protocol, opened with a key log')
    .helpCommand(false)
    .allowExcessArguments()
    .action(() => {
      const [word] = wireshark.args
      const message = word === undefined ? 'a command is missing' : `after wireshark comes install, not ${word}`
      throw new ChatError('usage', message, { hint: `try: ${typedCommand('chat-lab', 'wireshark install')}` })
    })

  wireshark
    .command('install')
    .description('put the plugin and its profile where Wireshark looks for them')
    .allowExcessArguments(false)
    .option('--folder <dir>', 'put them into DIR/plugins and DIR/profiles instead')
    .action(async ({ folder }: { folder?: string }) => {
      const { runInstall } = await import('./wireshark/install.ts')
      await runInstall(folder)
    })
}
