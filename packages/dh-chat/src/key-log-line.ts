/** The first word of a line says whose hash and whose secret follow. */
const LABELS = { handshake: 'P2PC_HANDSHAKE_SECRET', session: 'P2PC_SESSION_SECRET' } as const

/**
 * One line of a key log, its end included (docs/protocol.md, Key log).
 *
 * @param transcriptHash H(T1) for the handshake secret, H(T3) for the session secret, 32 bytes
 * @param secret 32 bytes
 */
export function keyLogLine(kind: keyof typeof LABELS, transcriptHash: Uint8Array, secret: Uint8Array): string {
  return `${LABELS[kind]} ${toHex(transcriptHash)} ${toHex(secret)}\n`
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
