import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeLargeCapture } from '../packages/dissector/test/support/large-capture.ts'

const SIZE = 64 * 2 ** 20
const ROUNDS = 3

const BIN = fileURLToPath(new URL('../packages/lab/dist/bin/chat-lab.js', import.meta.url))

/** A large capture of a file in sealed records, read without keys, with them, and as JSON. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-read-'))
  try {
    const [capture, keys] = [join(folder, 'capture.pcap'), join(folder, 'keys')]
    writeFileSync(keys, writeLargeCapture(capture, SIZE))
    const megabytes = statSync(capture).size / 1e6
    process.stdout.write(`chat-lab read, a capture of ${megabytes.toFixed(0)} MB, medians of ${ROUNDS} rounds\n`)
    const ways = [
      ['without keys', []],
      ['with keys', ['--keys', keys]],
      ['with keys, as JSON', ['--keys', keys, '--json']],
    ] as const
    for (const [name, flags] of ways) {
      const times: number[] = []
      for (let round = 0; round < ROUNDS; round++) times.push(await seconds(capture, ...flags))
      const time = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN
      const rate = `${(megabytes / time).toFixed(1)} MB/s`
      process.stdout.write(`${name.padEnd(20)} ${time.toFixed(2).padStart(6)} s ${rate.padStart(11)}\n`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function seconds(...args: readonly string[]): Promise<number> {
  const begun = performance.now()
  const reader = spawn(process.execPath, [BIN, 'read', ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code]: unknown[] = await once(reader, 'exit')
  if (code !== 0) throw new Error(`chat-lab read ended with ${String(code)}`)
  return (performance.now() - begun) / 1_000
}
