import type { OpenedHandshake, Secret } from './opened-handshake.ts'

/** Lines of a key log (docs/protocol.md, Key log): with them every reader opens the capture. */
export function keyLogLines(handshakes: readonly OpenedHandshake[]): string {
  return handshakes
    .flatMap(({ handshake, session }) => [
      line('P2PC_HANDSHAKE_SECRET', handshake),
      ...(session === null ? [] : [line('P2PC_SESSION_SECRET', session)]),
    ])
    .join('')
}

function line(label: string, { transcriptHash, secret }: Secret): string {
  return `${label} ${Buffer.from(transcriptHash).toString('hex')} ${Buffer.from(secret).toString('hex')}\n`
}
