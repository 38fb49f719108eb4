import { randomUUID } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname, uptime } from 'node:os'
import { systemCode } from './file-error.ts'

/** A process, told apart from every other one that has had its number or will have it. */
export interface Owner {
  readonly pid: number
  /** The machine, its last start, and the namespace of its process ids: the number says something there alone. */
  readonly place: string
  /** When the process started, in the kernel's own count; null where the system does not say. */
  readonly started: string | null
}

/** What is known of an owner: `unknown` where it cannot be asked after, as on another machine that shares the disk. */
export type OwnerState = 'running' | 'gone' | 'unknown'

/** States of processes (proc_pid_stat(5)) that have ended, and wait only for somebody to notice. */
const ENDED: readonly unknown[] = ['Z', 'X', 'x']

/** @param pid of a process of this machine */
export function ownerOf(pid: number = process.pid): Owner {
  return { pid, place: place(), started: statOf(pid)?.started ?? null }
}

/** One line that says whose a file is; no two are the same. */
export function ownerText(owner: Owner = ownerOf()): string {
  return JSON.stringify({ ...owner, id: randomUUID() })
}

/** Reads what ownerText() wrote. @returns null for anything else, such as a file that is still empty */
export function parseOwner(text: string): Owner | null {
  try {
    const { pid, place, started }: Record<keyof Owner, unknown> = JSON.parse(text)
    const valid = typeof pid === 'number' && typeof place === 'string'
    return valid ? { pid, place, started: typeof started === 'string' ? started : null } : null
  } catch {
    return null
  }
}

/** Whether two texts speak of the same process. */
export function sameOwner(a: Owner, b: Owner): boolean {
  return a.pid === b.pid && a.place === b.place && a.started === b.started
}

export function ownerState({ pid, place: where, started }: Owner): OwnerState {
  if (where !== place()) return 'unknown'
  if (!isAlive(pid)) return 'gone'
  const now = statOf(pid)
  if (now !== null && ENDED.includes(now.state)) return 'gone'
  if (started === null || now === null) return 'unknown'
  return now.started === started ? 'running' : 'gone'
}

/** Whether a process of that number runs on this machine, whichever user owns it; false for an invalid number. */
export function isAlive(pid: number): boolean {
  // For kill(2), zero and less mean groups of processes.
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/** When this machine started, in milliseconds since 1970. */
export function bootTime(): number {
  return Date.now() - uptime() * 1_000
}

let known: string | null = null

function place(): string {
  known ??= [
    hostname(),
    ...[() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), () => readlinkSync('/proc/self/ns/pid')]
      .map(ask)
      .filter(text => text !== null),
  ].join(' ')
  return known
}

function statOf(pid: number): { readonly state: string | undefined; readonly started: string | null } | null {
  const text = ask(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (text === null) return null
  // The second field is a name in parentheses, in which anything may stand; the third is the state, the 22nd the start.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], started: fields[19] ?? null }
}

/** @returns null where the system does not tell */
function ask(question: () => string): string | null {
  try {
    return question()
  } catch {
    return null
  }
}
