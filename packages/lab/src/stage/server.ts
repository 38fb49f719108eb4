import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from './actor.ts'
import { binOf } from './bin-of.ts'
import { isTextbook, type RungName } from './rungs.ts'

/** A server as a process of its own, and where it listens. */
export interface Server extends Address {
  readonly process: Actor
}

/** Starts the server of a rung on a free port of this machine: the calculator, or the directory of a chat. */
export async function startServer(rung: RungName): Promise<Server> {
  const flags = isTextbook(rung) ? ['--listen', '127.0.0.1:0'] : ['--port', '0']
  const process = startActor(binOf(rung, 'server'), ['--json', ...flags])
  const { host, port } = await process.next('listening')
  return { host: String(host), port: Number(port), process }
}
