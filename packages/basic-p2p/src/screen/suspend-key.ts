import { secondPress } from '@p2p-secure-chat/core/input/interrupt-key'

export interface SuspendKeyOptions {
  /** How many others use the directory that runs inside this client. */
  readonly others: () => number
  readonly say: (text: string) => void
  readonly suspend: () => void
  /** Any monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/** Ctrl-Z: suspends; where others would be left without their directory, only at the second press within two seconds. */
export function suspendKey({ others, say, suspend, now }: SuspendKeyOptions): () => void {
  const second = secondPress(now)

  return () => {
    const count = others()
    if (count === 0 || second.press()) return suspend()
    say(
      `${otherClients(count)} the directory inside this client, and cannot find anybody while it is stopped; press Ctrl-Z again to stop it`,
    )
  }
}

/** The beginning of a sentence about those who use the directory inside a client. @param count at least 1 */
export function otherClients(count: number): string {
  return count === 1 ? 'one other client uses' : `${count} other clients use`
}
