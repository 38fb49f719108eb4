import { isLoopback } from '@p2p-secure-chat/core/net/address'

/** Where somebody who asks the directory comes from, and the address of ours that they dialled. */
export interface Asker {
  readonly host: string
  readonly reachedUs: string
}

/**
 * The address to give to `asker` for a user whom the directory sees at `host`. To somebody beyond this machine a
 * loopback address would mean their own: a user here is given as the asker reached this machine.
 */
export function hostFor(asker: Asker, host: string): string {
  if (host === asker.host) return host
  return isLoopback(host) && !isLoopback(asker.host) ? asker.reachedUs : host
}
