import type { Socket } from 'node:net'

/** Is shown what crosses a socket, in order, as it was handed over. It must not throw. */
export interface SocketTap {
  sent(bytes: Uint8Array): void
  received(bytes: Uint8Array): void
}

/** Begins to watch a connection that has just been established. @param dialled whether we dialled it */
export type TapSocket = (socket: Socket, dialled: boolean) => SocketTap
