import type { Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import type { Scene } from '../attack.ts'

/** A listener of mallory, to which a call is led that was meant for somebody else. */
export interface Interceptor extends Address {
  /** The connection of whoever calls first. */
  readonly caller: Promise<Socket>
}

/** Opens it on a free port; it ends with the scene. */
export async function openInterceptor({ afterwards }: Scene): Promise<Interceptor> {
  let taken: (caller: Socket) => void
  const caller = new Promise<Socket>(resolve => {
    taken = resolve
  })
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => taken(socket))
  afterwards(() => {
    listener.stop()
    listener.destroyAll()
  })
  return { host: listener.host, port: listener.port, caller }
}
