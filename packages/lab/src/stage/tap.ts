import { connect, type Socket } from 'node:net'
import { type Address } from '@p2p-secure-chat/core/net/address'
import { listen } from '@p2p-secure-chat/core/net/listen'

/** Bytes that crossed the tap in one piece, and who sent them. */
export interface Tapped {
  readonly from: 'dialler' | 'listener'
  readonly bytes: Uint8Array
}

/** An eavesdropper on the path: passes every byte on unchanged and keeps a copy. */
export interface Tap extends Address {
  /** To whom connections are passed on; to be set before the first one comes. */
  forwardTo(target: Address): void
  readonly tapped: readonly Tapped[]
  stop(): void
}

/** Opens a tap on a free port of this machine. */
export async function openTap(): Promise<Tap> {
  const tapped: Tapped[] = []
  let target: Address | null = null

  function splice(dialler: Socket): void {
    if (target === null) return void dialler.destroy()
    const listener = connect({ ...target, allowHalfOpen: true, noDelay: true })
    listener.on('error', () => dialler.destroy())
    dialler.on('data', (bytes: Buffer) => tapped.push({ from: 'dialler', bytes }))
    listener.on('data', (bytes: Buffer) => tapped.push({ from: 'listener', bytes }))
    dialler.pipe(listener).pipe(dialler)
  }

  const here = await listen({ host: '127.0.0.1', port: 0 }, 16, splice)
  return {
    host: here.host,
    port: here.port,
    tapped,
    forwardTo(address) {
      target = address
    },
    stop() {
      here.stop()
      here.destroyAll()
    },
  }
}
