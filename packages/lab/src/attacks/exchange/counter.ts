import type { Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { listenHere } from '../../stage/own-network.ts'
import type { Scene } from '../attack.ts'

/** Where mallory takes one call that was meant for somebody else. */
export interface Counter extends Address {
  /** Whoever comes first. */
  readonly visitor: Promise<Socket>
}

/** Opens it on a free port; it ends with the scene. */
export async function openCounter({ afterwards }: Scene): Promise<Counter> {
  let welcome: (visitor: Socket) => void
  const visitor = new Promise<Socket>(resolve => {
    welcome = resolve
  })
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => welcome(socket))
  afterwards(() => {
    listener.stop()
    listener.destroyAll()
  })
  return { host: listener.host, port: listener.port, visitor }
}
