import type { ChatError } from '../errors.ts'

/** A file that gives away what a client keeps to itself otherwise, because its person asked for it. */
export interface Disclosure {
  /** What a person must know of it, in one line; null once nothing more is written. */
  readonly notice: string | null
  /** @param report called once with why nothing more is written: at once, if that has happened already */
  onFailure(report: (error: ChatError) => void): void
  /**
   * Ends the file; one that holds nothing yet is removed. Never rejects: what fails only then, such as a write that a
   * network file system had put off, is reported like any other failure.
   */
  close(): Promise<void>
}

/** A file of secrets, for a person who wants to look into a capture of their own connections. */
export interface KeyLog extends Disclosure {
  /**
   * Takes note of a secret at once. It never throws.
   *
   * @param transcriptHash H(T1) for the handshake secret, H(T3) for the session secret (docs/protocol.md, Key log)
   */
  readonly onSecret: (kind: 'handshake' | 'session', transcriptHash: Uint8Array, secret: Uint8Array) => void
}
