import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Stack } from './channel-end.ts'
import { ask, certificate, end, median, pin, processorTime } from './programs.ts'

const ROUNDS = 5

const STACKS: readonly Stack[] = ['aes-chat', 'DHE-CBC', 'TLS 1.3']

/** Bytes of a message, and how many go in one round: about half a second of each. */
const SIZES = new Map([
  [32, 600_000],
  [256, 400_000],
  [1_024, 150_000],
  [16_384, 10_000],
  [64_000, 2_500],
])

const ROUND_TRIPS = { size: 64, count: 4_000 }

const END = fileURLToPath(new URL('./channel-end.ts', import.meta.url))

/** Sealed messages between two processes, each end on a core of its own, beside TLS, which does the same work. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-channel-'))
  certificate(folder, 'localhost', 'rsa:2048')
  const children = [fork(END, [folder]), fork(END, [folder])] as const
  try {
    children.forEach(pin)
    process.stdout.write(`messages one way, medians of ${ROUNDS} rounds; CPU of both ends for each message\n`)
    for (const [size, count] of SIZES) await compare(children, { size, count, pingPong: false })
    process.stdout.write(`one message of ${ROUND_TRIPS.size} bytes there and back\n`)
    await compare(children, { ...ROUND_TRIPS, pingPong: true })
  } finally {
    for (const child of children) await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(
  [sender, receiver]: readonly [ChildProcess, ChildProcess],
  task: { readonly size: number; readonly count: number; readonly pingPong: boolean },
): Promise<void> {
  const results = new Map(STACKS.map(stack => [stack, { rates: [] as number[], cpu: [] as number[] }]))
  for (let round = 0; round <= ROUNDS; round++) {
    for (const stack of round % 2 === 0 ? STACKS : STACKS.toReversed()) {
      const port = await ask(receiver, { ...task, stack })
      const before = processorTime(sender) + processorTime(receiver)
      const rate = await ask(sender, { ...task, stack, port })
      const cpu = (processorTime(sender) + processorTime(receiver) - before) / task.count
      // The first round warms up.
      if (round === 0) continue
      results.get(stack)?.rates.push(rate)
      results.get(stack)?.cpu.push(cpu)
    }
  }
  const ours = median(results.get('aes-chat')?.rates ?? [])
  for (const [stack, { rates, cpu }] of results) {
    const rate = median(rates)
    const spread = (Math.max(...rates) - Math.min(...rates)) / rate
    const time = task.pingPong ? `${(1e6 / rate).toFixed(0)} us` : `${Math.round(rate).toLocaleString('en')}/s`
    const ratio = task.pingPong ? rate / ours : ours / rate
    process.stdout.write(
      `${String(task.size).padStart(6)} B  ${stack.padEnd(10)} ${time.padStart(13)} ± ${(50 * spread).toFixed(0)} %   ` +
        `CPU ${(1_000 * median(cpu)).toFixed(2)} us   ours is ${ratio.toFixed(2)} of it\n`,
    )
  }
}
