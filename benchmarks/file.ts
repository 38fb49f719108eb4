import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { certificate, end, median, openTestbed, peakMemory } from './programs.ts'

const MIB = 2 ** 20
const SIZE = 256 * MIB
const LARGE = 1_024 * MIB
const ROUNDS = 3

interface Outcome {
  /** Seconds from the command to the file on the other side's disk. */
  readonly seconds: number
  /** Of these, seconds between the offer and the end: without the sender's own hashing. */
  readonly transfer: number
  /** MiB, of the sender and of the receiver. */
  readonly memory: readonly [number, number]
}

/** A file between two chat clients, and the same file through TLS pipes, in one run on one machine. */
export async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-file-'))
  try {
    const file = join(folder, 'file')
    writeRandom(file)
    const rows: [string, number[]][] = [
      ['aes-chat, /send to done', []],
      ['aes-chat, offer to done', []],
      ['TLS 1.2 DHE-RSA-AES256-SHA256', []],
      ['TLS 1.3', []],
    ]
    let peak = [0, 0]
    certificate(folder, 'localhost', 'rsa:2048')
    for (let round = 0; round < ROUNDS; round++) {
      const chat = await throughChat(folder, file)
      peak = peak.map((most, side) => Math.max(most, chat.memory[side] ?? 0))
      rows[0]?.[1].push(chat.seconds)
      rows[1]?.[1].push(chat.transfer)
      rows[2]?.[1].push(await throughTls(folder, file, ['-tls1_2', '-cipher', 'DHE-RSA-AES256-SHA256']))
      rows[3]?.[1].push(await throughTls(folder, file, ['-tls1_3']))
    }
    const first = median(rows[0]?.[1] ?? [])
    print(`${SIZE / MIB} MiB of random bytes, medians of ${ROUNDS} rounds; both sides on this machine`)
    for (const [name, seconds] of rows) {
      const time = median(seconds)
      const rate = `${(SIZE / 1e6 / time).toFixed(0)} MB/s`.padStart(9)
      print(
        `${name.padEnd(30)} ${time.toFixed(2).padStart(6)} s ${rate}   the chat's rate is ${(time / first).toFixed(2)} of it`,
      )
    }
    print(`peak memory of the clients: ${peak.map(mib => `${mib.toFixed(0)} MiB`).join(' (sender), ')} (receiver)`)
    truncateSync(file, 0)
    truncateSync(file, LARGE)
    const { seconds, memory } = await throughChat(folder, file)
    print(
      `${LARGE / MIB} MiB, sparse: ${seconds.toFixed(2)} s, peak memory ${memory.map(mib => mib.toFixed(0)).join(' and ')} MiB`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function writeRandom(path: string): void {
  const descriptor = openSync(path, 'w')
  const block = Buffer.allocUnsafe(MIB)
  for (let written = 0; written < SIZE; written += block.length) writeSync(descriptor, randomFillSync(block))
  closeSync(descriptor)
}

async function throughChat(folder: string, file: string): Promise<Outcome> {
  const inbox = mkdtempSync(join(folder, 'inbox-'))
  const testbed = await openTestbed(folder)
  const bob = await testbed.person('bob', '--accept', 'all', '--accept-files', inbox)
  const alice = await testbed.person('alice', '--accept', 'all', '--to', 'bob')
  await alice.next({ event: 'open' })
  const begun = performance.now()
  alice.say(`/send ${file}`)
  await alice.next({ event: 'file', state: 'offered' })
  const offered = performance.now()
  await bob.next({ event: 'file', state: 'done' })
  const ended = performance.now()
  const memory = [peakMemory(alice.child), peakMemory(bob.child)] as const
  await testbed.end()
  rmSync(inbox, { recursive: true })
  return { seconds: (ended - begun) / 1_000, transfer: (ended - offered) / 1_000, memory }
}

/** @returns seconds from the start of s_client until s_server has written the file */
async function throughTls(folder: string, file: string, flags: readonly string[]): Promise<number> {
  const port = await freePort()
  const output = openSync(join(folder, 'output'), 'w')
  const keys = ['-cert', join(folder, 'localhost.crt'), '-key', join(folder, 'localhost.key')]
  const accept = ['-accept', `127.0.0.1:${port}`, '-naccept', '1', '-quiet']
  const server = spawn('openssl', ['s_server', ...accept, ...keys, ...flags], { stdio: ['pipe', output, 'ignore'] })
  await listeningOn(port)
  const input = openSync(file, 'r')
  const begun = performance.now()
  const connect = ['-connect', `127.0.0.1:${port}`, '-quiet']
  const client = spawn('openssl', ['s_client', ...connect, ...flags], { stdio: [input, 'ignore', 'ignore'] })
  // Where s_client ends with its input it also takes letters of it for commands, so it must not.
  while (fstatSync(output).size < SIZE) await sleep(5)
  const seconds = (performance.now() - begun) / 1_000
  for (const child of [client, server]) await end(child)
  closeSync(input)
  closeSync(output)
  if (!readFileSync(join(folder, 'output')).equals(readFileSync(file))) throw new Error('TLS has lost bytes')
  return seconds
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** openssl does not say when it listens, and a connection to try it would be the one that it accepts (proc_net_tcp). */
async function listeningOn(port: number): Promise<void> {
  const row = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0A `)
  while (!row.test(readFileSync('/proc/net/tcp', 'utf8'))) await sleep(20)
}
