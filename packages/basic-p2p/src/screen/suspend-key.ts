import { secondPress } from '@p2p-secure-chat/core/input/interrupt-key'

export interface SuspendKeyOptions {
  /** Number of other clients that use the directory inside this client. */
  readonly others: () => number
  readonly say: (text: string) => void
  readonly suspend: () => void
  /** Any monotonic clock, in milliseconds. */
  readonly now?: () => number
}

/** Ctrl-Z: suspends. If others would lose their directory, it takes a second press within two seconds. */
export function suspendKey({ others, say, suspend, now }: SuspendKeyOptions): () => void {
  const second = secondPress(now)

  return () => {
    const count = others()
    if (count === 0 || second.press()) return suspend()
    say(
      `${otherClients(count)} the directory inside this client and cannot find anybody while it is suspended; press Ctrl-Z again to suspend it`,
    )
  }
}

/** The start of a sentence about the users of the directory inside a client. @param count at least 1 */
export function otherClients(count: number): string {
  return count === 1 ? 'one other client uses' : `${count} other clients use`
}
