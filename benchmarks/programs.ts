import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const BINS = fileURLToPath(new URL('../packages/aes-chat/dist/bin/', import.meta.url))

/** One line of a program with --json. */
type Event = Readonly<Record<string, unknown>>

/** A chat server or client with --json, as a process of its own. */
interface Program {
  readonly child: ChildProcess
  say(line: string): void
  /** The next event that has these fields; those before it are passed over. */
  next(fields: Event): Promise<Event>
}

/** Events that are kept for next(): a flood prints many that nobody waits for. */
const EVENTS_KEPT = 1_000

/** Starts `server` or `client`. All that it prints is read at once, so that nothing holds it up. */
function startProgram(name: 'server' | 'client', ...args: readonly string[]): Program {
  const child = spawn(process.execPath, [join(BINS, `${name}.js`), ...args, '--json'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const events: Event[] = []
  let wake = () => {}
  createInterface({ input: child.stdout }).on('line', line => {
    if (events.length === EVENTS_KEPT) events.shift()
    const event: Event = JSON.parse(line)
    events.push(event)
    wake()
  })
  return {
    child,
    say: line => void child.stdin.write(`${line}\n`),
    async next(fields) {
      for (;;) {
        const event = events.shift()
        if (event === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        } else if (Object.entries(fields).every(([field, value]) => event[field] === value)) {
          return event
        }
      }
    },
  }
}

/** A directory, and people who register with it; all of them end with end(). */
export interface Testbed {
  /** Its port on loopback. */
  readonly port: number
  /** Starts a client that is registered; `port` is where it takes calls. */
  person(name: string, ...args: readonly string[]): Promise<Program & { readonly port: number }>
  /** Ends all, those who came last first. */
  end(): Promise<void>
}

/** @param home where identities are */
export async function openTestbed(home: string): Promise<Testbed> {
  const server = startProgram('server', '--port', '0')
  const programs = [server]
  const { port } = await server.next({ event: 'listening' })
  return {
    port: Number(port),
    async person(name, ...args) {
      const where = ['--directory', `127.0.0.1:${String(port)}`, '--home', home]
      const client = startProgram('client', '--name', name, ...where, ...args)
      programs.push(client)
      const { listen } = await client.next({ event: 'ready' })
      return { ...client, port: Number(String(listen).split(':').at(-1)) }
    },
    async end() {
      for (const { child } of programs.toReversed()) await end(child)
    },
  }
}

/** Ends a process, unless it has ended by itself. */
export async function end(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  if (child.exitCode === null && child.signalCode === null && child.kill()) await exit
}

/** Keeps a process on one core, so that two of them really work at the same time; without taskset it goes where it likes. */
export function pin({ pid }: ChildProcess, core: number): void {
  spawnSync('taskset', ['-acp', String(core), String(pid)], { stdio: 'ignore' })
}

/** Processor time that a process has used, in milliseconds (proc(5): utime and stime, in ticks of 10). */
export function processorTime({ pid }: ChildProcess): number {
  const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const fields = after.split(' ')
  return 10 * (Number(fields[11]) + Number(fields[12]))
}

/** The most memory that a process had so far, in MiB. */
export function peakMemory({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_024
}

/**
 * Makes a self-signed certificate for a day, with openssl: node has no way to make one.
 *
 * @param name of the files, NAME.key and NAME.crt
 * @param kind of the key, as `openssl req -newkey` has it
 */
export function certificate(folder: string, name: string, kind: 'ed25519' | 'rsa:2048'): void {
  const files = ['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)]
  const subject = ['-nodes', '-subj', `/CN=${name}`, '-days', '1']
  execFileSync('openssl', ['req', '-x509', '-newkey', kind, ...subject, ...files], { stdio: 'ignore' })
}

/** Asks a process that was forked, and waits for its answer. @throws {Error} when it ends instead */
export async function ask(child: ChildProcess, question: object): Promise<number> {
  const over = new AbortController()
  const { signal } = over
  const ended = () => over.abort(new Error('an end of the benchmark has ended'))
  child.once('exit', ended)
  try {
    const answer = once(child, 'message', { signal })
    child.send(question)
    return Number((await answer)[0])
  } finally {
    child.off('exit', ended)
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
