import type { Disclosure } from './disclosure.ts'

/** A file of secrets, for a person who wants to look into a capture of their own connections. */
export interface KeyLog extends Disclosure {
  /**
   * Takes note of a secret at once. It never throws.
   *
   * @param transcriptHash H(T1) for the handshake secret, H(T3) for the session secret (docs/protocol.md, Key log)
   */
  readonly onSecret: (kind: 'handshake' | 'session', transcriptHash: Uint8Array, secret: Uint8Array) => void
}
