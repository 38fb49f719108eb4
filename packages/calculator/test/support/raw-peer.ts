import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { encodeFrame, frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { onTestFinished } from 'vitest'
import { patience } from '../../../core/test/support/patience.ts'

/** Accepts every type, and more than anyone may send. */
const NO_LIMITS = new Map(Array.from({ length: 256 }, (_, type) => [type, 1 << 20]))

/** One end of a connection that keeps no rule but frames, and sends what a test wants. */
export interface RawPeer {
  readonly socket: Socket
  /** Sends bytes as they are. */
  write(bytes: Uint8Array | string): void
  /** Sends frames whose bodies are text, or JSON of anything else. */
  send(...messages: (readonly [type: number, body: unknown])[]): void
  /** The next frame; null when the other side has ended its direction. */
  receive(): Promise<{ type: number; text: string } | null>
  /** Whatever comes until the other side ends, or the connection breaks. */
  rest(): Promise<{ type: number; text: string }[]>
}

export const HELLO_BYTES = encodeFrame(HELLO.message({ protocol: 'calc/1' }))

/** A frame whose body is text, or JSON of anything else. */
export function frame(type: number, body: unknown): Uint8Array {
  return encodeFrame({ type, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) })
}

/** Wraps a socket, which is destroyed when the test is over. */
function rawPeer(socket: Socket): RawPeer {
  onTestFinished(() => void socket.destroy())
  const decoder = frameDecoder(NO_LIMITS)
  const arrived: Message[] = []
  let over = false
  let wake: () => void = () => undefined
  socket.on('data', chunk => {
    decoder.push(chunk, message => arrived.push(message))
    wake()
  })
  const finish = () => {
    over = true
    wake()
  }
  socket.on('end', finish).on('close', finish).on('error', finish)

  async function receive() {
    while (arrived.length === 0 && !over) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error('nothing came')), patience())
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    const message = arrived.shift()
    return message === undefined ? null : { type: message.type, text: Buffer.from(message.body).toString() }
  }

  return {
    socket,
    write: bytes => void socket.write(bytes),
    send: (...messages) => void socket.write(Buffer.concat(messages.map(([type, body]) => frame(type, body)))),
    receive,
    async rest() {
      const messages: { type: number; text: string }[] = []
      for (let message = await receive(); message !== null; message = await receive()) messages.push(message)
      return messages
    },
  }
}

/** Connects to a server, from an address of one's own choice: each loopback address counts alone. */
export async function rawClient({ host, port }: Address, localAddress?: string): Promise<RawPeer> {
  const socket = connect({ host, port, localAddress, allowHalfOpen: true })
  const peer = rawPeer(socket)
  await once(socket, 'connect')
  return peer
}

/** A server that does with each connection what a test wants. */
export async function rawServer(onPeer: (peer: RawPeer) => void | Promise<void>): Promise<Address> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    void onPeer(rawPeer(socket))
  })
  onTestFinished(() => void server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return { host: '127.0.0.1', port: address.port }
}
