import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FLOOD_NAMES } from './abuse-files-flood.ts'
import { end, median, openTestbed, peakMemory, processorTime } from './programs.ts'

/** How long each flood lasts, in milliseconds. */
const DURATION = 5_000

/** Texts of the honest pair before the flood, and at most during it. */
const TEXTS = 100

const FLOOD = fileURLToPath(new URL('abuse-files-flood.ts', import.meta.url))

/** What a flood of legal messages about files costs a client that accepts every call and every file. */
export interface FileFlood {
  readonly what: string
  /** Rounds of the flood in a second, such as an offer and its end. */
  readonly perSecond: number
  /** Processor time of the client in a second of the flood, in milliseconds. */
  readonly cpu: number
  /** Memory that it took beyond what it had before, in MiB. */
  readonly memory: number
  /** The most files that were in its folder at once. */
  readonly files: number
  /** Median milliseconds from a text of somebody else to its receipt, before the flood and during it. */
  readonly quiet: number
  readonly beside: number
}

/** Measures all floods, each against a client of its own. */
export async function abuseFiles(): Promise<readonly FileFlood[]> {
  const rows: FileFlood[] = []
  for (const flood of FLOOD_NAMES) rows.push(await measure(flood))
  return rows
}

async function measure(flood: string): Promise<FileFlood> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-abuse-'))
  const inbox = mkdtempSync(join(folder, 'inbox-'))
  const testbed = await openTestbed(folder)
  let mallory: ChildProcess | null = null
  try {
    const alice = await testbed.person('alice', '--accept', 'all', '--accept-files', inbox)
    const carol = await testbed.person('carol', '--accept', 'none', '--to', 'alice')
    await carol.next({ event: 'open' })
    const say = async () => {
      const begun = performance.now()
      carol.say('hello')
      await carol.next({ event: 'delivered' })
      return performance.now() - begun
    }
    const quiet: number[] = []
    while (quiet.length < TEXTS) quiet.push(await say())

    mallory = fork(FLOOD, [flood, `127.0.0.1:${alice.port}`])
    const [begin] = await once(mallory, 'message')
    let rounds = Number(begin)
    mallory.on('message', (count: number) => {
      rounds = count
    })
    const before = { cpu: processorTime(alice.child), memory: peakMemory(alice.child) }
    const begun = performance.now()
    const isOver = () => performance.now() - begun >= DURATION
    const beside: number[] = []
    let files = 0
    const talks = async () => {
      for (; !isOver() && beside.length < TEXTS; await sleep(DURATION / TEXTS)) beside.push(await say())
    }
    const looks = async () => {
      for (; !isOver(); await sleep(50)) files = Math.max(files, readdirSync(inbox).length)
    }
    await Promise.all([talks(), looks()])
    const seconds = (performance.now() - begun) / 1_000
    return {
      what: flood,
      perSecond: rounds / seconds,
      cpu: (processorTime(alice.child) - before.cpu) / seconds,
      memory: peakMemory(alice.child) - before.memory,
      files,
      quiet: median(quiet),
      beside: median(beside),
    }
  } finally {
    if (mallory !== null) await end(mallory)
    await testbed.end()
    rmSync(folder, { recursive: true, force: true })
  }
}
