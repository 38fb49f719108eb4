import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import { type Address, formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'
import { afterPrograms, type Bin, type BinOptions, startBin } from '../../../core/test/support/process.ts'

type EventName = ChatEvent['event']
type EventOf<Name extends EventName> = Extract<ChatEvent, { event: Name }>

/** A chat client as a process of its own, told what to do in lines and telling in JSON what happens. */
export interface Chatter {
  /** What it told so far, as far as next() has read. */
  readonly events: readonly ChatEvent[]
  /** The next event of one of these names; those before it are passed over. @throws {Error} when it does not come */
  next<Name extends EventName>(...names: readonly Name[]): Promise<EventOf<Name>>
  /** Enters a line. */
  say(line: string): void
  /** Ends its input, waits for the process to end and reads all that is left. */
  finish(): Promise<number | null>
  kill(signal: NodeJS.Signals): void
  readonly pid: number
}

/** A directory of one rung, and a folder for the identities of those who meet there. */
export interface Testbed {
  /** HOST:PORT. */
  readonly directory: string
  readonly home: string
  /** Starts a client with --json that takes every call, and waits until it is ready. */
  client(name: string, ...args: readonly string[]): Promise<Chatter & { readonly listen: Address }>
  /** The same, with that folder as the current one. */
  clientIn(cwd: string, name: string, ...args: readonly string[]): Promise<Chatter & { readonly listen: Address }>
  /** The same, run by another command. */
  clientWithin(within: readonly string[], name: string, ...args: readonly string[]): Promise<Chatter>
  /** Starts a client whose first event is for the test to wait for. */
  start(name: string, ...args: readonly string[]): Chatter
  /** Starts a client as a plain pipe. */
  pipe(name: string, args: readonly string[], options?: BinOptions): Bin
}

export type Rung = 'dh-chat' | 'aes-chat'

/** A folder that is gone after the last test of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'chat-town-'))
  afterPrograms(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/**
 * Starts a directory on a free port of this machine.
 *
 * @param home where identities are; by default an empty folder
 */
export async function openTestbed(rung: Rung, home = temporaryFolder()): Promise<Testbed> {
  const directory = formatAddress(await startBin(`${rung}-server`, ['--port', '0']).listening())
  return testbedAround(rung, directory, home)
}

/** Clients around a directory that is there already. */
export function testbedAround(rung: Rung, directory: string, home: string): Testbed {
  const common = (name: string) => ['--name', name, '--directory', directory, '--home', home]
  const pipe = (name: string, args: readonly string[], options?: BinOptions) =>
    startBin(`${rung}-client`, [...common(name), ...args], options)
  const start = (name: string, ...args: readonly string[]) => chatter(pipe(name, ['--json', ...args]))

  async function ready(client: Chatter): Promise<Chatter & { readonly listen: Address }> {
    const { listen } = await client.next('ready')
    return { ...client, listen: parseAddress(listen ?? '') }
  }

  return {
    directory,
    home,
    pipe,
    start,
    client: (name, ...args) => ready(start(name, '--accept', 'all', ...args)),
    clientIn: (cwd, name, ...args) => ready(chatter(pipe(name, ['--json', '--accept', 'all', ...args], { cwd }))),
    clientWithin: (within, name, ...args) =>
      ready(chatter(pipe(name, ['--json', '--accept', 'all', ...args], { within }))),
  }
}

function chatter(bin: Bin): Chatter {
  const events: ChatEvent[] = []

  async function read(): Promise<ChatEvent> {
    const event: ChatEvent = JSON.parse(await bin.line())
    events.push(event)
    return event
  }

  async function next<Name extends EventName>(...names: readonly Name[]) {
    const matches = (event: ChatEvent): event is EventOf<Name> => names.some(name => name === event.event)
    for (;;) {
      const event = await read()
      if (matches(event)) return event
    }
  }

  return {
    events,
    next,
    say: line => bin.write(`${line}\n`),
    async finish() {
      bin.end()
      const { code, stdout } = await bin.ended()
      const all = stdout.split('\n').slice(0, -1)
      for (const line of all.slice(events.length)) events.push(JSON.parse(line))
      return code
    },
    kill: signal => bin.kill(signal),
    pid: bin.pid,
  }
}

/** The texts that others sent, as they appeared on somebody's screen. */
export function textsOf(events: readonly ChatEvent[]): string[] {
  return events.flatMap(event => (event.event === 'message' && event.direction === 'in' ? [event.text] : []))
}
