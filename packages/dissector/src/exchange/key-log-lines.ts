import { keyLogLine } from '@p2p-secure-chat/dh-chat/key-log'
import type { OpenedHandshake } from './opened-handshake.ts'

/** Lines of a key log (docs/protocol.md, Key log): with them every reader opens the capture. */
export function keyLogLines(handshakes: readonly OpenedHandshake[]): string {
  return handshakes
    .flatMap(({ handshake, session }) => [
      keyLogLine('handshake', handshake.transcriptHash, handshake.secret),
      ...(session === null ? [] : [keyLogLine('session', session.transcriptHash, session.secret)]),
    ])
    .join('')
}
