import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { FLOODS, flood, keepAlive, lookUp, register } from './abuse-directory-flood.ts'
import { end, median, processorTime } from './programs.ts'

const SERVER = fileURLToPath(new URL('../packages/basic-p2p/dist/bin/server.js', import.meta.url))
const FLOODER = fileURLToPath(new URL('abuse-directory-flood.ts', import.meta.url))

const USERS = 220
const LOOK_UPS = 100
const FLOODERS = [1, 10]
const DEAF = 100

/** Between two look-ups, in milliseconds: a user who asks now and then. */
const GAP = 15

/** How long a flood goes on before something is measured, and how long those who do not read get, in milliseconds. */
const WARM_UP = 1_500
const SATURATION = 10_000

/** How long a look-up takes an honest user beside that many flooders, in milliseconds. */
interface Beside {
  readonly flood: string
  readonly flooders: number
  readonly median: number
  readonly nineOfTen: number
  /** The directory's share of one processor, from 0 to 1. */
  readonly share: number
}

export interface DirectoryFigures {
  readonly quiet: number
  readonly beside: readonly Beside[]
  /** KiB that the directory takes for a user who asks for pages and reads none of them. */
  readonly perDeafUser: number
}

/** What floods at a directory cost it, and those beside them. */
export async function measureDirectory(): Promise<DirectoryFigures> {
  const { server, port } = await startServer()
  try {
    for (let i = 0; i < USERS; i++) keepAlive(await register(port, `user${i}`))
    const alice = await register(port, 'alice')
    await lookUps(alice)
    const quiet = median(await lookUps(alice))
    const beside: Beside[] = []
    for (const name of Object.keys(FLOODS)) {
      for (const flooders of FLOODERS) beside.push(await besideFlood(server, port, alice, name, flooders))
    }
    return { quiet, beside, perDeafUser: await memoryOfDeafUser(server, port) }
  } finally {
    await end(server)
  }
}

async function besideFlood(
  server: ChildProcess,
  port: number,
  alice: Socket,
  name: string,
  flooders: number,
): Promise<Beside> {
  const flooder = fork(FLOODER, [String(port), name, String(flooders)])
  try {
    await once(flooder, 'message')
    await sleep(WARM_UP)
    const [begun, used] = [performance.now(), processorTime(server)]
    const times = await lookUps(alice)
    const share = (processorTime(server) - used) / (performance.now() - begun)
    return {
      flood: name,
      flooders,
      median: median(times),
      nineOfTen: times[Math.floor(times.length * 0.9)] ?? 0,
      share,
    }
  } finally {
    await end(flooder)
  }
}

/** @returns the times that look-ups took, in milliseconds, from the shortest to the longest */
async function lookUps(alice: Socket): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < LOOK_UPS; i++) {
    const asked = performance.now()
    alice.write(encodeFrame(lookUp('user1')))
    await once(alice, 'data')
    times.push(performance.now() - asked)
    await sleep(GAP)
  }
  return times.toSorted((a, b) => a - b)
}

async function memoryOfDeafUser(server: ChildProcess, port: number): Promise<number> {
  const deaf: Socket[] = []
  async function come(): Promise<void> {
    for (let i = 0; i < DEAF; i++) {
      const socket = await register(port, `deaf${deaf.length}`)
      deaf.push(socket)
      flood(socket.pause(), FLOODS['pages of 200 names'] ?? lookUp(''))
    }
    await sleep(SATURATION)
  }

  // The first ones make the directory's heap as large as it gets.
  await come()
  const before = memory(server)
  await come()
  const grown = memory(server) - before
  for (const socket of deaf) socket.destroy()
  return grown / DEAF
}

async function startServer(): Promise<{ server: ChildProcess; port: number }> {
  const server = spawn(process.execPath, [SERVER, '--port', '0'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  const [, port] = /:(\d+)$/.exec(String(line)) ?? []
  return { server, port: Number(port) }
}

/** @returns KiB */
function memory({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes)
}
