import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FLOOD_NAMES } from './abuse-files-flood.ts'

/** How long each flood lasts, in milliseconds. */
const DURATION = 5_000

/** Texts of the honest pair before the flood, and at most during it. */
const TEXTS = 100

const BINS = fileURLToPath(new URL('../packages/aes-chat/dist/bin/', import.meta.url))

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
  const children: ChildProcess[] = []
  try {
    const server = node(children, 'server.js', '--port', '0')
    const [listening] = await once(createInterface({ input: outputOf(server) }), 'line')
    const directory = String(listening).replace('listening on ', '')
    const common = (name: string) => ['--json', '--home', folder, '--directory', directory, '--name', name]
    const alice = node(children, 'client.js', ...common('alice'), '--accept', 'all', '--accept-files', inbox)
    const ready = await printed(alice)('ready')
    const carol = node(children, 'client.js', ...common('carol'), '--accept', 'none', '--to', 'alice')
    const next = printed(carol)
    await next('open')
    const say = async () => {
      const begun = performance.now()
      carol.stdin?.write('hello\n')
      await next('delivered')
      return performance.now() - begun
    }
    const quiet: number[] = []
    while (quiet.length < TEXTS) quiet.push(await say())

    const mallory = fork(FLOOD, [flood, String(ready.listen)])
    children.push(mallory)
    const [begin] = await once(mallory, 'message')
    let rounds = Number(begin)
    mallory.on('message', (count: number) => {
      rounds = count
    })
    const before = { cpu: cpuTime(alice), memory: memory(alice) }
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
      cpu: (cpuTime(alice) - before.cpu) / seconds,
      memory: memory(alice) - before.memory,
      files,
      quiet: median(quiet),
      beside: median(beside),
    }
  } finally {
    // Whoever called comes before who was called.
    for (const child of children.toReversed()) await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
}

function node(children: ChildProcess[], bin: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [join(BINS, bin), ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  children.push(child)
  return child
}

function outputOf({ stdout }: ChildProcess) {
  if (stdout === null) throw new TypeError('the output is no pipe')
  return stdout
}

/** Reads all that a client prints, and waits for one kind of event after the other. */
function printed(client: ChildProcess): (event: string) => Promise<Readonly<Record<string, unknown>>> {
  const waiting = new Map<string, (event: Readonly<Record<string, unknown>>) => void>()
  createInterface({ input: outputOf(client) }).on('line', line => {
    const [, name = ''] = /"event":"(\w+)"/.exec(line) ?? []
    const resolve = waiting.get(name)
    if (resolve === undefined) return
    waiting.delete(name)
    resolve(JSON.parse(line))
  })
  return event => new Promise(resolve => waiting.set(event, resolve))
}

/** Processor time that a process has used, in milliseconds (proc(5): in ticks of 10). */
function cpuTime({ pid }: ChildProcess): number {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = after.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** The most memory that a process had so far, in MiB. */
function memory({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await exit
}
