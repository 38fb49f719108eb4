import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from './actor.ts'
import type { Programs } from './programs.ts'

/** A server as a process of its own, and where it listens. */
export interface Server extends Address {
  readonly process: Actor
}

/** Starts the server of a rung on a free port of this machine: the calculator, or the directory of a chat. */
export async function startServer({ server, serverFlags }: Programs): Promise<Server> {
  const process = startActor(server, ['--json', ...serverFlags])
  const { host, port } = await process.next('listening')
  return { host: String(host), port: Number(port), process }
}
