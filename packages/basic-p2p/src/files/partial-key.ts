import { createHash } from 'node:crypto'
import type { FileOffer } from '../messages/files.ts'

/** Who sends what to whom. */
export interface PartialKeyOptions {
  readonly protocol: string
  readonly receiver: string
  /** Of the sender's key. */
  readonly fingerprint: string
}

/**
 * Names the partial files of one peer's offers: the same whenever the same peer offers the same file, so that another peer
 * can neither go on with it nor learn what is there.
 *
 * @returns gives 32 hex digits for an offer
 */
export function partialKey({ protocol, receiver, fingerprint }: PartialKeyOptions): (offer: FileOffer) => string {
  return ({ sha256, size }) => {
    const parts = JSON.stringify(['p2p-secure-chat partial file/1', protocol, receiver, fingerprint, sha256, size])
    return createHash('sha256').update(parts).digest('hex').slice(0, 32)
  }
}
