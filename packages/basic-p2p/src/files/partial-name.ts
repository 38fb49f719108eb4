import { createHash } from 'node:crypto'
import { type Owner, ownerOf, ownerState } from '@p2p-secure-chat/core/files/owner'
import type { FileOffer } from '../messages/files.ts'

/** The sender and the receiver of the offers. */
export interface PartialKeyOptions {
  readonly protocol: string
  readonly receiver: string
  /** Fingerprint of the sender's key. */
  readonly fingerprint: string
}

/**
 * Computes keys for the partial files of one peer: the same whenever that peer offers the same file, so that no other peer
 * can resume it or learn that it exists.
 *
 * @returns a function from an offer to 32 hex digits
 */
export function partialKey({ protocol, receiver, fingerprint }: PartialKeyOptions): (offer: FileOffer) => string {
  return ({ sha256, size }) => {
    const parts = JSON.stringify(['p2p-secure-chat partial file/1', protocol, receiver, fingerprint, sha256, size])
    return createHash('sha256').update(parts).digest('hex').slice(0, 32)
  }
}

/** The parts of a partial file's name. */
interface PartialFileName {
  /** Identifies the whole file; letters, digits and `-`. */
  readonly key: string
  /** Null for a file left by an earlier version of this program. */
  readonly owner: Owner | null
}

/** Age, in milliseconds, at which a file counts as abandoned if its owner cannot be looked up, as after a reboot. */
const OWNER_AGE = 10 * 60_000

const NAME = /^\.p2p-secure-chat-([\w-]+)(?:\.(\d+)-(\d+)-([\da-f]{8})-\d+)?\.partial$/

/** In place of the start time, if the system does not tell it. */
const NOT_SAID = '0'

let made = 0

/**
 * A new name for a partial file of this process, hidden from a plain `ls`:
 * `.p2p-secure-chat-KEY.PID-STARTED-PLACE-NUMBER.partial`. The name contains the owner, so that a single rename, which only
 * one program can win, takes a file over.
 */
export function newPartialName(key: string): string {
  const { pid, started, place } = ownerOf()
  made += 1
  return `.p2p-secure-chat-${key}.${pid}-${started ?? NOT_SAID}-${shortened(place)}-${made}.partial`
}

/** @returns null if it is not the name of a partial file */
export function parsePartialName(name: string): PartialFileName | null {
  const [, key, pid, started, place] = NAME.exec(name) ?? []
  if (key === undefined) return null
  if (pid === undefined || started === undefined || place === undefined) return { key, owner: null }
  const here = ownerOf().place
  const owner = { pid: Number(pid), started: started === NOT_SAID ? null : started }
  return { key, owner: { ...owner, place: place === shortened(here) ? here : place } }
}

/**
 * Whether a partial file is abandoned.
 *
 * @param writtenAt time of the last write, in milliseconds since the epoch
 */
export function isLeft({ owner }: PartialFileName, writtenAt: number, now = Date.now()): boolean {
  const state = owner === null ? 'gone' : ownerState(owner)
  return state === 'unknown' ? now - writtenAt > OWNER_AGE : state === 'gone'
}

/** A short hash of a place, to fit into a name. */
function shortened(place: string): string {
  return createHash('sha256').update(place).digest('hex').slice(0, 8)
}
