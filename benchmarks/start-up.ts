import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn as spawnOnTerminal } from '@lydell/node-pty'
import { programFile } from '@p2p-secure-chat/core/installation'
import { makePackage } from '../scripts/pack/package.ts'
import { end, median, openTestbed } from './programs.ts'

/** Rounds that do not count, and those that do. */
const WARM_UP = 2
const ROUNDS = 21

/** A start that has not come so far by then has failed, in milliseconds. */
const DEADLINE = 30_000

/** What one start took, in milliseconds. */
interface Cost {
  readonly wall: number
  readonly processor: number
}

/** What one kind of start took in every round, as multiples of the `node -e 0` just before it. */
interface Row {
  readonly label: string
  readonly start: () => Cost | Promise<Cost>
  readonly wall: number[]
  readonly processor: number[]
}

/**
 * How long `chat-client` takes to print its version, to ask its first question, and to be ready for calls: installed, and in
 * this checkout. Every start has a start of Node.js alone before it, so that both meet the same load.
 */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-start-up-'))
  const testbed = await openTestbed(folder)
  let homes = 0

  try {
    const known = await testbed.person('alice')
    await end(known.child)
    const ready = ['--json', '--name', 'alice', '--directory', `127.0.0.1:${testbed.port}`, '--home', folder]
    const programs = {
      installed: join(process.argv[3] ?? (await unpackedPackage(folder)), 'bin/chat-client.js'),
      checkout: programFile('chat-client'),
    }
    const rows = Object.entries(programs).flatMap(([place, program]): Row[] => {
      const row = (label: string, start: Row['start']) => ({
        label: `${label.padEnd(14)} ${place.padEnd(9)}`,
        start,
        wall: [],
        processor: [],
      })
      return [
        row('--version', () => untilEnd(program, '--version')),
        row('first question', () => untilQuestion(program, '--home', join(folder, `new-${homes++}`))),
        row('ready', () => untilReady(program, ...ready)),
      ]
    })
    const nothing: Cost[] = []
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const { start, wall, processor } of round % 2 === 0 ? rows : rows.toReversed()) {
        const base = untilEnd('-e', '0')
        const cost = await start()
        if (round < 0) continue
        nothing.push(base)
        wall.push(cost.wall / base.wall)
        processor.push(cost.processor / base.processor)
      }
    }
    const [wall, processor] = [nothing.map(cost => cost.wall), nothing.map(cost => cost.processor)].map(median)
    process.stdout.write(
      `chat-client beside node -e 0 (${wall?.toFixed(0)} ms, ${processor?.toFixed(0)} ms of processor time), medians of ${ROUNDS} pairs\n`,
    )
    for (const row of rows) {
      process.stdout.write(`${row.label}  time ${times(row.wall)}  processor time ${times(row.processor)}\n`)
    }
  } finally {
    await testbed.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

const times = (ratios: readonly number[]) => `${median(ratios).toFixed(2)} x`

/** Makes the package of this checkout, with changes that are not committed. @returns where it is unpacked */
async function unpackedPackage(folder: string): Promise<string> {
  const [archive = ''] = await makePackage({ dirty: true, out: folder })
  execFileSync('tar', ['-xzf', archive, '-C', folder])
  return join(folder, 'package')
}

/** Runs Node.js until it ends. Only its parent can tell what it used then, so that is a shell with a clock. */
function untilEnd(...args: readonly string[]): Cost {
  const script = 'TIMEFORMAT="%3R %3U %3S"; { time "$@" >&3 2>&1; } 3>/dev/null'
  const printed = execFileSync('bash', ['-c', `${script} 2>&1`, 'bash', process.execPath, ...args], {
    encoding: 'utf8',
    timeout: DEADLINE,
  })
  const [wall = NaN, user = NaN, system = NaN] = printed.trim().split(' ').map(Number)
  return { wall: wall * 1_000, processor: (user + system) * 1_000 }
}

/** Starts a client on a terminal, until it asks for a name. */
function untilQuestion(...args: readonly string[]): Promise<Cost> {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const terminal = spawnOnTerminal(process.execPath, [...args], { cols: 80, rows: 24 })
    const late = setTimeout(() => finish(() => reject(new Error('no question was asked'))), DEADLINE)
    let shown = ''
    const data = terminal.onData(text => {
      shown += text
      if (!shown.includes('Your name')) return
      const cost = { wall: performance.now() - begin, processor: processorTime(terminal.pid) }
      finish(() => resolve(cost))
    })
    function finish(settle: () => void): void {
      clearTimeout(late)
      data.dispose()
      terminal.onExit(settle)
      terminal.kill('SIGKILL')
    }
  })
}

/** Starts a client for scripts, until it says that it is ready. */
async function untilReady(...args: readonly string[]): Promise<Cost> {
  const begin = performance.now()
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'], timeout: DEADLINE })
  try {
    let printed = ''
    for await (const text of child.stdout) {
      printed += String(text)
      if (printed.includes('"event":"ready"')) {
        return { wall: performance.now() - begin, processor: processorTime(child.pid) }
      }
    }
    throw new Error(`the client ended before it was ready: ${printed}`)
  } finally {
    await end(child)
  }
}

/** Processor time that a process has used, in milliseconds: what the scheduler gave each of its threads, in nanoseconds. */
function processorTime(pid: number | undefined): number {
  const tasks = `/proc/${pid}/task`
  const used = readdirSync(tasks).map(task =>
    Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]),
  )
  return used.reduce((sum, time) => sum + time, 0) / 1e6
}
