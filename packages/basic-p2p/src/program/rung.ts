import type { Command } from 'commander'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import type { Profile } from '../client/profile.ts'
import type { Authentication } from '../directory/authentication.ts'

/** What the command line says about the identity. */
export interface IdentityOptions {
  readonly name: string
  readonly home: string
  readonly passphraseFile: string | undefined
  readonly group: string | undefined
  /** Null without `--keylog`. */
  readonly keyLog: KeyLog | null
  /** Whether a person can be asked for a passphrase. */
  readonly interactive: boolean
  /** Shows the person something about their identity, such as that a new one was made. */
  readonly note: (text: string) => void
}

/**
 * One chat of the ladder. All rungs share the programs of client and server and differ in this alone. Its functions load
 * heavy modules only when called.
 */
export interface Rung {
  /** Name of its bins, without `-server` and `-client`. */
  readonly bin: string
  readonly summary: string
  readonly protocol: Protocol
  /** The directory's default port. */
  readonly port: number
  /** Whether peers prove who they are; then keys are remembered and there are flags for identity and group. */
  readonly identities: boolean
  /**
   * Refuses a home that other users can change, before anything in it is used or created.
   *
   * @throws {ChatError} `unsafe-file`, `unreadable`
   */
  requireSafeHome(home: string): Promise<void>
  /** @throws {ChatError} if something is wrong with the identity, its passphrase or the group */
  prepare(options: IdentityOptions): Promise<Profile>
  /**
   * Opens a key log; null if connections have no keys.
   *
   * @throws {ChatError} `unwritable`, `disk-full`
   */
  readonly openKeyLog: ((path: string) => Promise<KeyLog>) | null
  /** Adds the client's commands about identities, such as `log`. */
  subcommands(program: Command): void
  authentication(): Promise<Authentication | null>
}
