import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { refuseForeignFlags } from '../foreign-flags.ts'
import type { KeySource } from './read-log.ts'

/** The owner of a log, and how to open it. */
interface Owner {
  readonly name: string
  readonly home: string
  readonly passphraseFile: string | undefined
  readonly interactive: boolean
  readonly note: (text: string) => void
}

interface Flags {
  readonly name?: string
  readonly home?: string
  readonly passphraseFile?: string
  readonly with?: string
  readonly json?: boolean
}

/**
 * Adds `log`, which prints the log. The program itself parses the flags that it shares with this command; they are
 * repeated here for help and completion.
 *
 * @param open opens the existing identity of a name
 */
export function addLogCommand(program: Command, open: (owner: Owner) => Promise<KeySource>): void {
  program
    .command('log')
    .description('print the log (kept after /log on in the chat): lines, or with --json one object per line')
    .option('--name <name>', 'whose log (required)')
    .option('--with <name>', 'only the conversations with this peer')
    .option('--home <dir>', 'the folder of identities')
    .option('--passphrase-file <file>', 'file whose first line is the passphrase of the identity')
    .option('--json', 'one JSON object per line')
    .allowExcessArguments(false)
    .action(async (_: unknown, command: Command) => {
      refuseForeignFlags(program, command, 'log')
      const flags = command.optsWithGlobals<Flags>()
      const [{ ChatError }, { parseName }, { homeFolder }, { reporter }, { printLog }] = await Promise.all([
        import('@p2p-secure-chat/core/errors'),
        import('@p2p-secure-chat/basic-p2p/directory/name'),
        import('@p2p-secure-chat/basic-p2p/program/home-folder'),
        import('@p2p-secure-chat/core/terminal/reporter'),
        import('./log-lines.ts'),
      ])
      if (flags.name === undefined) throw new ChatError('usage', 'whose log? name it with --name NAME')
      const name = parseName(flags.name)
      const peer = flags.with === undefined ? null : parseName(flags.with)
      const home = homeFolder(flags.home)
      const folder = join(home, name)
      // Check first: opening would create an identity for a name that has none.
      const [log, key] = [join(folder, 'log'), join(folder, 'identity.pem')]
      if (!existsSync(log))
        throw new ChatError('unreadable', `${name} has no log: there is no ${log}`, {
          hint: 'check --name and --home; a log begins with /log on in the chat',
        })
      if (!existsSync(key)) throw new ChatError('unreadable', `the key to the log is missing: ${key}`)
      const out = reporter({ json: flags.json, batched: true })
      const interactive = process.stdin.isTTY && process.stdout.isTTY && !out.json
      const keys = await open({
        name,
        home,
        passphraseFile: flags.passphraseFile,
        interactive,
        note: text => out.note(text),
      })
      await printLog(keys, { folder, name, peer, out })
    })
}
