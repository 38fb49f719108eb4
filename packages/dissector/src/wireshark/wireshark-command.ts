import type { Command } from 'commander'
import { ChatError } from '@p2p-secure-chat/core/errors'

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
      throw new ChatError('usage', message, { hint: 'try: chat-lab wireshark install' })
    })

  wireshark
    .command('install')
    .description('put the plugin and its profile where Wireshark looks for them')
    .allowExcessArguments(false)
    .option('--folder <dir>', 'put them into DIR/plugins and DIR/profiles instead')
    .action(async ({ folder }: { folder?: string }) => {
      const { runInstall } = await import('./run-install.ts')
      await runInstall(folder)
    })
}
