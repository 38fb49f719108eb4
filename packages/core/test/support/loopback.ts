import type { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { dial } from '../../src/net/dial.ts'
import { type Listener, listen } from '../../src/net/listen.ts'

/** Listens on a free port of this machine until the test ends; what is connected to it then is destroyed. */
export async function openListener(limit: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  const listener = await listen({ host: '127.0.0.1', port: 0 }, limit, onSocket)
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  return listener
}

/** The two ends of a TCP connection within this machine, until the test ends. */
export async function loopback(): Promise<{ alice: Socket; bob: Socket }> {
  let take: (socket: Socket) => void
  const taken = new Promise<Socket>(resolve => {
    take = resolve
  })
  const alice = await dial(await openListener(1, socket => take(socket)))
  onTestFinished(() => void alice.destroy())
  return { alice, bob: await taken }
}
