import { join } from 'node:path'
import type { Profile } from '@p2p-secure-chat/basic-p2p/client/profile'
import type { IdentityOptions, Rung } from '@p2p-secure-chat/basic-p2p/program/rung'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { typedCommand } from '@p2p-secure-chat/core/terminal/typed-command'
import type { DhUpgradeOptions } from './dh-upgrade.ts'
import type { SecureProtocol } from './handshake/key-schedule.ts'
import { addIdentityCommand } from './identity-tool/identity-subcommand.ts'
import { addLogCommand } from './log/log-subcommand.ts'

/** The differences between the rungs that use the handshake. */
export interface SecureRungOptions {
  readonly bin: string
  readonly summary: string
  readonly protocol: SecureProtocol
  readonly port: number
  readonly upgrade: (options: DhUpgradeOptions) => Promise<Upgrade>
}

/** A chat whose users have identities: keys and known peers on disk, and a handshake that authenticates them. */
export function secureRung({ bin, summary, protocol, port, upgrade }: SecureRungOptions): Rung {
  return {
    bin,
    summary,
    protocol,
    port,
    identities: true,

    async requireSafeHome(home) {
      const { requireSafeHome } = await import('./identity/safe-files.ts')
      return requireSafeHome(home)
    },

    async prepare(options): Promise<Profile> {
      const [
        { chosenGroups },
        { knownPeers },
        { blockedPeers },
        { expectedKeys },
        { proveRegistration },
        { identityCommands },
        { chatLog },
        { logCommand },
        { ownFiles },
        { remembersPlain },
        { choosePlain },
      ] = await Promise.all([
        import('./group/chosen-groups.ts'),
        import('./identity/known-peers.ts'),
        import('./identity/blocked-peers.ts'),
        import('./identity/expected-keys.ts'),
        import('./directory-proof.ts'),
        import('./identity/identity-commands.ts'),
        import('./log/chat-log.ts'),
        import('./log/log-command.ts'),
        import('./identity/own-files.ts'),
        import('@p2p-secure-chat/basic-p2p/commands/preferences'),
        import('@p2p-secure-chat/core/terminal/is-plain'),
      ])
      const groups = await chosenGroups(options.group)
      const files = ownFiles(options.home, options.name)
      // Before the first question.
      if (options.interactive && (await remembersPlain(files))) choosePlain(true)
      const identity = await loadIdentity(options)
      const peers = expectedKeys(knownPeers(options.home, options.name))
      const log = chatLog({
        folder: join(options.home, options.name),
        keys: identity,
        encrypted: identity.encrypted,
        passphraseCommand: typedCommand(`${bin}-client`, 'identity passphrase'),
      })
      return {
        upgrade: await upgrade({ identity, knownPeers: peers, groups, keyLog: options.keyLog }),
        prove: proveRegistration(identity, protocol),
        fingerprint: identity.fingerprint,
        expectKey: (name, fingerprint) => peers.expect(name, fingerprint),
        blocked: blockedPeers(options.home, options.name, peers),
        files,
        commands: [...identityCommands(peers, identity), logCommand(log, identity, options.name)],
        log,
      }
    },

    async openKeyLog(path) {
      const { openKeyLog } = await import('./key-log.ts')
      return openKeyLog(path)
    },

    subcommands(program) {
      addIdentityCommand(program)
      addLogCommand(program, loadIdentity)
    },

    async authentication() {
      const { verifyRegistration } = await import('./directory-proof.ts')
      return verifyRegistration(protocol)
    },
  }
}

async function loadIdentity(options: Omit<IdentityOptions, 'group' | 'keyLog'>) {
  const { name, home, note } = options
  const { requireSafeFiles } = await import('./identity/safe-files.ts')
  await requireSafeFiles(home, name, note)
  const identity = await openIdentity(options)
  if (identity.created) {
    note(
      identity.encrypted
        ? `made a new identity for ${name}, encrypted with your passphrase`
        : `made a new identity for ${name}, unencrypted: anyone with its file can be ${name}`,
    )
  }
  return identity
}

async function openIdentity(options: Omit<IdentityOptions, 'group' | 'keyLog'>) {
  const { name, home, passphraseFile, interactive, note } = options
  const { loadOrCreateIdentity } = await import('./identity/identity-file.ts')
  if (passphraseFile !== undefined) {
    const { readPassphraseFile } = await import('./identity/passphrase.ts')
    return loadOrCreateIdentity({ home, name, passphrase: await readPassphraseFile(passphraseFile) })
  }
  if (!interactive) return loadOrCreateIdentity({ home, name })
  const { askPassphrase, choosePassphrase, repeatWhileWrong } = await import('./identity/passphrase-questions.ts')
  const ask = (purpose: 'unlock' | 'create') =>
    purpose === 'create' ? choosePassphrase(`${name}'s new key`) : askPassphrase(name)
  return repeatWhileWrong(() => loadOrCreateIdentity({ home, name, askPassphrase: ask }), note)
}
