import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ask, certificate, end, median, pin } from './programs.ts'

const GROUPS = ['ffdhe2048', 'ffdhe3072', 'ffdhe4096'] as const

/** Handshakes of each kind that do not count, and those that do. */
const WARM_UP = 5
const ROUNDS = 41

const END = fileURLToPath(new URL('./handshake-end.ts', import.meta.url))

/** A kind of handshake. */
export interface Kind {
  readonly stack: 'aes-chat' | 'TLS 1.3'
  readonly group: string
}

/**
 * The handshake of two peers beside mutual TLS 1.3 in the same group, Ed25519 in both. Each end of all of them is one
 * process; every round visits all kinds, the next one in reverse order.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-handshake-'))
  const ends: ChildProcess[] = []

  function startEnd(role: string): ChildProcess {
    certificate(folder, role, 'ed25519')
    const child = fork(END, [role, folder])
    pin(child, ends.length)
    ends.push(child)
    return child
  }

  try {
    const [responder, initiator] = [startEnd('responder'), startEnd('initiator')]
    const rows = GROUPS.map(group => ({ group, ours: [] as number[], tls: [] as number[] }))
    const visits = []
    for (const { group, ours, tls } of rows) {
      for (const [stack, times] of [
        ['aes-chat', ours],
        ['TLS 1.3', tls],
      ] as const) {
        visits.push({ kind: { stack, group }, port: await ask(responder, { kind: { stack, group } }), times })
      }
    }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const { kind, port, times } of round % 2 === 0 ? visits : visits.toReversed()) {
        const time = await ask(initiator, { kind, port })
        if (round >= 0) times.push(time)
      }
    }
    process.stdout.write(
      `from connecting until both know each other, medians of ${ROUNDS}, each end on a core of its own\n`,
    )
    for (const { group, ours, tls } of rows) {
      const [mine, theirs] = [median(ours), median(tls)]
      process.stdout.write(
        `${group}   aes-chat ${ms(mine)}   mutual TLS 1.3 ${ms(theirs)}   ratio ${(mine / theirs).toFixed(2)}\n`,
      )
    }
  } finally {
    for (const child of ends) await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

const ms = (time: number) => `${time.toFixed(1).padStart(5)} ms`
