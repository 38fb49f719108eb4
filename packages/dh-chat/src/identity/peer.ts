/** Somebody as the handshake knows them: a name, and the key that proved it. */
export interface Peer {
  readonly name: string
  /** The raw 32-byte Ed25519 public key. */
  readonly key: Uint8Array
}
