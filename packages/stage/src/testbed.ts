import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Address, formatAddress, parseAddress } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from './actor.ts'
import type { Path } from './path.ts'
import type { ChatPrograms, Programs } from './programs.ts'

/** A server as a process of its own, and where it listens. */
export interface ServerProcess extends Address {
  readonly process: Actor
}

/** Starts the server of a rung on a free port of this machine: the calculator, or the directory of a chat. */
export async function startServerProcess({ server, serverFlags }: Programs): Promise<ServerProcess> {
  const process = startActor(server, ['--json', ...serverFlags])
  const { host, port } = await process.next('listening')
  return { host: String(host), port: Number(port), process }
}

/** A chat client as a process of its own: it takes lines as input and reports events in JSON. */
export interface TestClient extends Actor {
  readonly name: string
  /** Where the client takes calls. */
  readonly address: Address
  /** Calls a peer. */
  call(peer: string): void
  /** Leaves the conversation cleanly. */
  leave(): void
}

export interface TestClientOptions {
  /** The path over which callers reach this client; it forwards to it from here on. */
  readonly behind?: Path
  /** Whom to call at once. */
  readonly to?: string
  /** Keeps keys and memory; by default a folder of this town, so that who comes back is who they were. */
  readonly home?: string
  /** Further flags of this rung's client. */
  readonly flags?: readonly string[]
}

/** Why a client could not register. */
export interface Refusal {
  readonly refused: string
}

/** The programs of one rung on this machine: a directory and its clients. All end with the town. */
export interface Testbed {
  readonly programs: ChatPrograms
  /** The directory that residents register with. */
  readonly directory: Address
  /** Starts a client that takes every call, and waits until it is registered. */
  startClient(name: string, options?: TestClientOptions): Promise<TestClient>
  /** The same for a client that the directory may refuse: then the code of the refusal. */
  tryToStartClient(name: string, options?: TestClientOptions): Promise<TestClient | Refusal>
  /** Ends every program, the last one first. */
  close(): Promise<void>
}

/**
 * Opens a town.
 *
 * @param folder where residents keep what they keep
 * @param directory a directory that is there already, such as one that lies; by default the rung's own program is started
 */
export async function openTestbed(programs: ChatPrograms, folder: string, directory?: Address): Promise<Testbed> {
  const actors: Actor[] = []

  async function startDirectory(): Promise<Address> {
    const server = await startServerProcess(programs)
    actors.push(server.process)
    return server
  }

  async function tryToStartClient(name: string, options: TestClientOptions = {}): Promise<TestClient | Refusal> {
    const { behind, to, home = join(folder, 'homes'), flags = [] } = options
    await mkdir(home, { recursive: true })
    const client = startActor(programs.client, [
      '--json',
      '--name',
      name,
      '--directory',
      formatAddress(there),
      ...programs.clientFlags(home),
      ...(behind === undefined ? [] : ['--advertise', String(behind.port)]),
      ...(to === undefined ? [] : ['--to', to]),
      ...flags,
    ])
    actors.push(client)
    const { event, listen, code } = await client.next('ready', 'error')
    if (event === 'error') return { refused: String(code) }
    const address = parseAddress(String(listen))
    behind?.forwardTo(address)
    return {
      ...client,
      name,
      address,
      call: peer => client.say(programs.callLine(peer)),
      leave: () => client.say(programs.leaveLine),
    }
  }

  const there = directory ?? (await startDirectory())
  return {
    programs,
    directory: there,
    tryToStartClient,
    async startClient(name, options) {
      const resident = await tryToStartClient(name, options)
      if ('refused' in resident) throw new Error(`${name} could not settle: ${resident.refused}`)
      return resident
    },
    async close() {
      for (const actor of actors.toReversed()) await actor.stop()
    },
  }
}
