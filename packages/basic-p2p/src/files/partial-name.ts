import { createHash } from 'node:crypto'
import { type Owner, ownerOf, ownerState } from '@p2p-secure-chat/core/files/owner'
import type { FileOffer } from '../messages/files.ts'

/** Whose offers they are parts of, and who receives them. */
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

/** What the name of a partial file says. */
interface PartialFileName {
  /** Of letters, digits and `-`: names what it is a part of. */
  readonly key: string
  /** Null for a file that an earlier version of this program left. */
  readonly owner: Owner | null
}

/** How long an owner that cannot be asked after, as before a restart, may leave its file as it is, in milliseconds. */
const OWNER_AGE = 10 * 60_000

const NAME = /^\.p2p-secure-chat-([\w-]+)(?:\.(\d+)-(\d+)-([\da-f]{8})-\d+)?\.partial$/

/** Stands for the moment of its start where the system does not say when that was. */
const NOT_SAID = '0'

let made = 0

/**
 * A new name for a partial file of this process in its folder, hidden from a plain `ls`:
 * `.p2p-secure-chat-KEY.PID-STARTED-PLACE-NUMBER.partial`. The owner stands in the name, so that one rename takes
 * a file over, and only one program can do that.
 */
export function newPartialName(key: string): string {
  const { pid, started, place } = ownerOf()
  made += 1
  return `.p2p-secure-chat-${key}.${pid}-${started ?? NOT_SAID}-${shortened(place)}-${made}.partial`
}

/** @returns null for a file that is no partial file */
export function parsePartialName(name: string): PartialFileName | null {
  const [, key, pid, started, place] = NAME.exec(name) ?? []
  if (key === undefined) return null
  if (pid === undefined || started === undefined || place === undefined) return { key, owner: null }
  const here = ownerOf().place
  const owner = { pid: Number(pid), started: started === NOT_SAID ? null : started }
  return { key, owner: { ...owner, place: place === shortened(here) ? here : place } }
}

/**
 * Whether nobody works on a partial file any more.
 *
 * @param writtenAt when it was written to, in milliseconds of the clock
 */
export function isLeft({ owner }: PartialFileName, writtenAt: number, now = Date.now()): boolean {
  const state = owner === null ? 'gone' : ownerState(owner)
  return state === 'unknown' ? now - writtenAt > OWNER_AGE : state === 'gone'
}

/** A place as a part of a name. */
function shortened(place: string): string {
  return createHash('sha256').update(place).digest('hex').slice(0, 8)
}
