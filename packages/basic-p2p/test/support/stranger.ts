import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { listen } from '@p2p-secure-chat/core/net/listen'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR, GOODBYE, HELLO, KEEPALIVE } from '@p2p-secure-chat/core/wire/common-messages'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { onTestFinished } from 'vitest'
import { NAME } from '../../src/messages/conversation.ts'
import { REGISTER } from '../../src/messages/directory.ts'

/** Reads every type and size: what comes is for the test to judge. */
const everything = new Map(Array.from({ length: 256 }, (_, type) => [type, 1_000_000] as const))

/** Somebody who sends whatever they like to a port of ours. */
export interface Stranger {
  readonly channel: Channel
  readonly socket: Socket
  /** Sends messages; the hello is one like any other. */
  say(...messages: readonly Message[]): void
  /** Sends bytes as they are. */
  write(bytes: Uint8Array | string): void
  /** The next message that is no keepalive; null at the end of the stream. */
  next(): Promise<Message | null>
  /** Reads on to a message of that type. @throws {Error} when it does not come */
  until(type: number): Promise<Message>
  /** Reads on to the code of the ERROR message that answers; null when the stream ends without one. */
  error(): Promise<string | null>
  /** Reads on until the other side has ended: `goodbye` if that was its last message, else `end` or `cut`. */
  end(): Promise<'goodbye' | 'end' | 'cut'>
}

/**
 * Connects without any manners. The connection ends with the test.
 *
 * @param localAddress where it comes from: each loopback address counts alone
 */
export async function stranger({ host, port }: Address, localAddress?: string): Promise<Stranger> {
  const socket = connect({ host, port, localAddress, allowHalfOpen: true, noDelay: true })
  await once(socket, 'connect')
  socket.on('error', () => socket.destroy())
  onTestFinished(() => void socket.destroy())
  return overSocket(socket)
}

/** Listens, and does to everybody who connects what it likes. */
export async function impostor(act: (stranger: Stranger) => Promise<void>): Promise<Address> {
  const listener = await listen({ host: '127.0.0.1', port: 0 }, 100, socket => {
    act(overSocket(socket)).catch(() => socket.destroy())
  })
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  return listener
}

function overSocket(socket: Socket): Stranger {
  const channel = socketChannel(socket, everything)
  async function next(): Promise<Message | null> {
    for (;;) {
      const message = await channel.receive()
      if (message?.type !== KEEPALIVE.type) return message
    }
  }

  return {
    channel,
    socket,
    say: (...messages) => void socket.write(Buffer.concat(messages.map(encodeFrame))),
    write: bytes => void socket.write(bytes),
    next,
    async until(type) {
      for (let message = await next(); message !== null; message = await next()) {
        if (message.type === type) return message
      }
      throw new Error(`the stream ended before type 0x${type.toString(16)} came`)
    },
    async error() {
      for (let message = await next(); message !== null; message = await next()) {
        if (message.type === ERROR.type) return readError(message.body).error.code
      }
      return null
    },
    async end() {
      let last: Message | null = null
      try {
        for (let message = await next(); message !== null; message = await next()) last = message
      } catch {
        return 'cut'
      }
      return last?.type === GOODBYE.type ? 'goodbye' : 'end'
    },
  }
}

export const directoryHello = HELLO.message({ protocol: 'directory/1', rung: 'peer-basic/1' })

export const peerHello = HELLO.message({ protocol: 'peer-basic/1' })

/** A hello of a protocol that may not exist. */
export function strangeHello(protocol: string, rung?: string): Message {
  return { type: HELLO.type, body: Buffer.from(`P2PC${JSON.stringify({ protocol, rung })}`) }
}

export const register = (name: string, port: number | null = null) => jsonMessage(REGISTER.type, { name, port })

export const nameMessage = (name: string) => jsonMessage(NAME.type, { name })

/** The first bytes of a frame and no more. */
export function half(message: Message): Uint8Array {
  const frame = encodeFrame(message)
  return frame.subarray(0, frame.length - 1)
}
