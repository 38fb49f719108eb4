import type { Command } from 'commander'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { KeyLog } from '@p2p-secure-chat/core/files/disclosure'
import type { Persona } from '../client/persona.ts'
import type { Authentication } from '../directory/authentication.ts'

/** What a person gave for their identity on the command line. */
export interface IdentityOptions {
  readonly name: string
  readonly home: string
  readonly passphraseFile: string | undefined
  readonly group: string | undefined
  /** Null where none is wanted. */
  readonly keyLog: KeyLog | null
  /** Whether there is a person to ask for a passphrase. */
  readonly interactive: boolean
  /** Tells the person something about their identity, such as that a new one was made. */
  readonly note: (text: string) => void
}

/**
 * One chat of the ladder. The client and the server of every rung are the same programs with another of these; what is
 * heavy loads when it is called.
 */
export interface Rung {
  /** What its bins are called, without `-server` and `-client`. */
  readonly bin: string
  readonly summary: string
  readonly protocol: Protocol
  /** The directory's default port. */
  readonly port: number
  /** Whether peers prove who they are: then keys are remembered, and flags for identity and groups exist. */
  readonly identities: boolean
  /**
   * Refuses a home that others can change, before anything in it counts or is made.
   *
   * @throws {ChatError} `unsafe-file`, `unreadable`
   */
  requireSafeHome(home: string): Promise<void>
  /** @throws {ChatError} what is wrong with the identity, its passphrase or the group */
  prepare(options: IdentityOptions): Promise<Persona>
  /**
   * Begins a key log; null where connections have no keys.
   *
   * @throws {ChatError} `unwritable`, `disk-full`
   */
  readonly openKeyLog: ((path: string) => Promise<KeyLog>) | null
  /** Adds the commands of the client that have to do with identities, such as `log`. */
  subcommands(program: Command): void
  authentication(): Promise<Authentication | null>
}
