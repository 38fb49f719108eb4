/** The proof object of a registration, as the rung that made it understands it. */
export type Proof = Readonly<Record<string, unknown>>

/** What a proof must cover, so that it is worthless anywhere else. */
export interface ProofContext {
  readonly name: string
  /** The directory's fresh nonce from its WELCOME, 64 hex digits. */
  readonly nonce: string
}

/** How a directory finds out who registers. The basic rung has none: the first to register a name has it. */
export interface Authentication {
  /**
   * @param addresses the addresses (IP:PORT) under which this directory may have been dialled
   * @returns the fingerprint of the proven key
   * @throws {ChatError} `bad-proof`
   */
  verify(proof: Proof, context: ProofContext, addresses: readonly string[]): string
}

/**
 * Makes a proof for a registration.
 *
 * @param address the directory as our connection has it, IP:PORT
 */
export type Prove = (context: ProofContext, address: string) => Proof
