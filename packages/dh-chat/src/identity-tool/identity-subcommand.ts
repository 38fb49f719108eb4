import type { Command } from 'commander'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { refuseForeignFlags } from '../foreign-flags.ts'
import type { EncryptingRequest } from './stored-key.ts'

/** The flags of the command line, including those that the program itself also parses. */
interface Flags {
  readonly name?: string
  readonly home?: string
  readonly passphraseFile?: string
  readonly newPassphraseFile?: string
  readonly out?: string
  readonly json?: boolean
}

/** One of the commands. */
interface Action {
  readonly name: string
  readonly description: string
  /** Whether the name must have an identity already, or must not have one. */
  readonly identity: 'present' | 'absent'
  run(request: EncryptingRequest, flags: Flags, operands: readonly string[]): Promise<void>
}

/** Flags of the program that mean the same here; repeated for help and completion. */
const SHARED: readonly unknown[] = ['--name', '--home', '--passphrase-file']

/** Adds `identity`, the commands about a name's key. Their code is loaded when one runs. */
export function addIdentityCommand(program: Command): void {
  const identity = program
    .command('identity')
    .description('your key: show it, back it up, restore it, change its passphrase')
    .helpCommand(false)
    .allowExcessArguments()
    .action(() => {
      const known = identity.commands.map(command => command.name()).join(', ')
      const [unknown] = identity.args
      throw new ChatError('usage', `identity needs one of: ${known}${unknown === undefined ? '' : `, not ${unknown}`}`)
    })

  function add(action: Action): Command {
    const command = identity.command(action.name).description(action.description).allowExcessArguments(false)
    for (const option of program.options) if (SHARED.includes(option.long)) command.addOption(option)
    return command.action(() => perform(action, program, command))
  }

  const list = identity.command('list').description('the names in this home, with file and fingerprint')
  for (const option of program.options) if (option.long === '--home') list.addOption(option)
  list
    .option('--json', 'one JSON object for each')
    .allowExcessArguments(false)
    .action(async () => {
      refuseForeignFlags(program, list, 'identity list')
      const { home, json } = list.optsWithGlobals<Flags>()
      const [{ listIdentities }, { homeFolder }, { requireSafeHome }, { reporter }, { quietPipe }] = await Promise.all([
        import('./list-identities.ts'),
        import('@p2p-secure-chat/basic-p2p/program/home-folder'),
        import('../identity/safe-files.ts'),
        import('@p2p-secure-chat/core/terminal/reporter'),
        import('@p2p-secure-chat/core/terminal/quiet-pipe'),
      ])
      quietPipe()
      const folder = homeFolder(home)
      await requireSafeHome(folder)
      await listIdentities(folder, reporter({ json }))
    })

  add({
    name: 'show',
    description: 'name, fingerprint, file and public key',
    identity: 'present',
    async run(request) {
      const { showIdentity } = await import('./show-identity.ts')
      return showIdentity(request)
    },
  }).option('--json', 'as one JSON object')

  add({
    name: 'export',
    description: 'a backup of the key (PKCS #8 in PEM), encrypted as it is here unless a new passphrase is given',
    identity: 'present',
    async run(request, { out = null }) {
      const { exportIdentity } = await import('./export-identity.ts')
      return exportIdentity(request, out)
    },
  })
    .option('--out <file>', 'write to this new file, for you alone (default: stdout)')
    .option('--new-passphrase-file <file>', 'file whose first line is the passphrase of the backup; empty for none')

  add({
    name: 'import',
    description: 'restore a key from a backup or from openssl genpkey -algorithm ed25519; never replaces one',
    identity: 'absent',
    async run(request, _flags, [source = '']) {
      const { importIdentity } = await import('./import-identity.ts')
      return importIdentity(request, source, process.stdin)
    },
  })
    .argument('<file>', 'the key in PEM (PKCS #8); - for stdin')
    .option('--new-passphrase-file <file>', 'file whose first line is the new passphrase; empty for none')

  add({
    name: 'passphrase',
    description: 'change, set or remove the passphrase; the key stays the same',
    identity: 'present',
    async run(request) {
      const { changePassphrase } = await import('./change-passphrase.ts')
      return changePassphrase(request)
    },
  }).option('--new-passphrase-file <file>', 'file whose first line is the new passphrase; empty for none')
}

async function perform(action: Action, program: Command, command: Command): Promise<void> {
  refuseForeignFlags(program, command, `identity ${action.name}`)
  const flags = command.optsWithGlobals<Flags>()
  const [{ homeFolder }, { requireSafeFiles }, { whose }, { reporter }, { quietPipe }] = await Promise.all([
    import('@p2p-secure-chat/basic-p2p/program/home-folder'),
    import('../identity/safe-files.ts'),
    import('./stored-key.ts'),
    import('@p2p-secure-chat/core/terminal/reporter'),
    import('@p2p-secure-chat/core/terminal/quiet-pipe'),
  ])
  quietPipe()
  const home = homeFolder(flags.home)
  const out = reporter({ json: flags.json })
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !out.json
  const name = await whose(flags.name, { home, interactive }, action.identity)
  await requireSafeFiles(home, name, text => out.note(text))
  const request = {
    name,
    home,
    passphraseFile: flags.passphraseFile ?? null,
    newPassphraseFile: flags.newPassphraseFile ?? null,
    interactive,
    out,
  }
  await action.run(request, flags, command.args)
}
