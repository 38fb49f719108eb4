import { formatAddress, parseAddress, parsePort } from '@p2p-secure-chat/core/net/address'
import { commandLine } from '@p2p-secure-chat/core/terminal/command-line'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { Command } from 'commander'
import type { Rung } from './rung.ts'

interface Flags {
  readonly host: string
  readonly port: string
  readonly public: readonly string[]
  readonly json?: boolean
  readonly quiet?: boolean
}

/** The command line of a rung's chat server: the directory. */
export function serverCommand(rung: Rung): Command {
  const program = commandLine(
    `${rung.bin}-server`,
    `the directory of ${rung.bin}-client: introduces its users to each other, and carries none of what they say`,
  )
    .option('--host <host>', 'the address to listen on; 0.0.0.0 or :: opens it to the network', '127.0.0.1')
    .option('--port <port>', 'the port to listen on; 0 picks a free one', String(rung.port))
    .option('--json', 'report where it listens as a JSON object')
    .option('--quiet', 'no notes on stderr')
  if (rung.identities) {
    program.option(
      '--public <host:port...>',
      'more IP addresses and ports at which clients reach it, such as those of a router',
    )
  }
  return program
    .addHelpText(
      'after',
      `
Limits: 19,000 connections, then the oldest unregistered one is closed;${rung.identities ? '\n100,000 names bound to keys (in memory: a restart forgets them);' : ''}
200 names per page of /who; 256 watched names per user, 4,000,000 for all users together;
users take turns of 16 requests or 64 KiB of answers; 32 KiB of waiting answers for each, 64 MiB for all;
64 connections at once from one address, then one a second (this machine: no limit);
5 s for the hello, 10 s to register; a user who is silent for 45 s counts as gone.`,
    )
    .action(async (flags: Flags) => {
      const address = parseAddress(flags.host, { port: parsePort(flags.port) })
      const publicAddresses = (flags.public ?? []).map(text => parseAddress(text))
      const [{ startDirectory }, { quietPipe }, { reporter }, { runServer }, authentication] = await Promise.all([
        import('../directory/directory-server.ts'),
        import('@p2p-secure-chat/core/terminal/quiet-pipe'),
        import('@p2p-secure-chat/core/terminal/reporter'),
        import('@p2p-secure-chat/core/terminal/server-process'),
        rung.authentication(),
      ])
      quietPipe()
      const server = await startDirectory({
        ...address,
        rung: rung.protocol,
        authentication,
        publicAddresses: publicAddresses.map(formatAddress),
      })
      const out = reporter(flags)
      if (rung.identities) out.note('names are bound to keys in memory: a restart forgets them')
      await runServer(server, out, where => typedCommand(`${rung.bin}-client`, `--directory ${formatAddress(where)}`))
      process.exit(0)
    })
}
