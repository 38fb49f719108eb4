import { readFileSync } from 'node:fs'
import { isAlive } from '../program/is-alive.ts'

/** A process, by its number and the moment when it started: numbers are used again. */
interface Owner {
  readonly pid: number
  /** In ticks since the machine started; 0 where the system does not say it. */
  readonly started: number
}

/** What the name of a partial file says. */
interface PartialFileName {
  /** Of letters, digits and `-`: names what it is a part of. */
  readonly key: string
  /** Null for a file that an earlier version of this program left. */
  readonly owner: Owner | null
}

/** Without start times a number alone decides, so long at most, in milliseconds: what is received is written to. */
const OWNER_AGE = 60 * 60_000

const NAME = /^\.p2p-secure-chat-([\w-]+)(?:\.(\d+)-(\d+)-\d+)?\.partial$/

const us: Owner = { pid: process.pid, started: startOf(process.pid) ?? 0 }
let made = 0

/**
 * A new name for a partial file of this process in its folder, hidden from a plain `ls`:
 * `.p2p-secure-chat-KEY.PID-STARTED-NUMBER.partial`. The owner stands in the name, so that one rename takes a file over,
 * and only one program can do that.
 */
export function newPartialName(key: string): string {
  made += 1
  return `.p2p-secure-chat-${key}.${us.pid}-${us.started}-${made}.partial`
}

/** @returns null for a file that is no partial file */
export function parsePartialName(name: string): PartialFileName | null {
  const [, key, pid, started] = NAME.exec(name) ?? []
  if (key === undefined) return null
  return { key, owner: pid === undefined ? null : { pid: Number(pid), started: Number(started) } }
}

/**
 * Whether nobody works on a partial file any more.
 *
 * @param writtenAt when it was written to, in milliseconds of the clock
 */
export function isLeft({ owner }: PartialFileName, writtenAt: number, now = Date.now()): boolean {
  if (owner === null || !isAlive(owner.pid)) return true
  const started = startOf(owner.pid)
  if (started === null || owner.started === 0) return now - writtenAt > OWNER_AGE
  return started !== owner.started
}

/**
 * When a process started, in ticks since the machine did (proc(5), fields 3 and 22 of stat); 0 for one that has ended and
 * whose parent has not noticed, null where nobody says it.
 */
function startOf(pid: number): number | null {
  try {
    // The name of the program stands in parentheses, and may have blanks and parentheses in it.
    const [state, ...fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
    return state === 'Z' ? 0 : Number(fields[18])
  } catch {
    return null
  }
}
