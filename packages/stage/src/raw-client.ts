import type { Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { SocketTap, TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import { frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { bell } from './bell.ts'
import { stretched } from './busy.ts'
import { dialHere } from './own-network.ts'
import { anyFrame } from './path.ts'

/** How long the other side may take to answer or to hang up, in milliseconds on a quiet machine: its longest deadline is 10 seconds. */
const PATIENCE = 15_000

/** A connection on which we say whatever bytes we like, and hear what comes back. */
export interface RawClient {
  /**
   * Sends bytes as they are, and waits until there is room for more. A peer that has ended its own side may still read them.
   *
   * @returns false when nobody takes any more
   */
  write(...pieces: readonly Uint8Array[]): Promise<boolean>
  /** What comes first, in one piece; null when the other side ends the connection without a word. @throws {ChatError} `timeout` */
  firstBytes(): Promise<Uint8Array | null>
  /** The first frame of that type; null when the other side ends the connection before. @throws {ChatError} `timeout` */
  frame(type: number): Promise<Message | null>
  /** The code of the ERROR that the other side sends; null when it ends the connection without. @throws {ChatError} `timeout` */
  errorCode(): Promise<string | null>
  /** Waits until the other side has ended the connection. @throws {ChatError} `timeout` */
  ended(): Promise<void>
  /** Ends it at once. */
  destroy(): void
}

export interface RawOptions {
  /** Is shown every byte. */
  readonly tap?: TapSocket | undefined
  /** The address of ours from which to dial; by default the system takes one. */
  readonly from?: string | undefined
}

/**
 * Dials a program of this machine, with no manners at all: no hello, no limits, no goodbye.
 *
 * @throws {ChatError} `bad-address`, `unreachable`, `timeout`
 */
export async function dialRaw(address: Address, { tap: tapSocket, from }: RawOptions = {}): Promise<RawClient> {
  const socket = await dialHere(address, from)
  const tap = tapSocket?.(socket, true)
  const { patiently, heard, first, frame } = listenTo(socket, tap)

  return {
    async write(...pieces) {
      for (const piece of pieces) {
        if (!socket.writable) return false
        tap?.sent(piece)
        socket.write(piece)
        await patiently(() => (socket.writableNeedDrain && socket.writable ? undefined : true))
      }
      return socket.writable
    },
    firstBytes: () => heard(first),
    frame: type => heard(() => frame(type)),
    async errorCode() {
      const error = await heard(() => frame(ERROR.type))
      return error === null ? null : readError(error.body).error.code
    },
    async ended() {
      await heard(() => undefined)
    },
    destroy: () => void socket.destroy(),
  }
}

/** What comes on a socket. Of each type the first frame alone is kept: nobody asks for another, however many come. */
function listenTo(socket: Socket, tap: SocketTap | undefined) {
  const decoder = frameDecoder(anyFrame)
  const frames = new Map<number, Message>()
  const { ring, until } = bell()
  let first: Uint8Array | undefined
  let over = false

  function end(): void {
    over = true
    ring()
  }

  socket.on('data', (chunk: Buffer) => {
    tap?.received(chunk)
    first ??= chunk
    try {
      decoder.push(chunk, message => {
        if (!frames.has(message.type)) frames.set(message.type, message)
      })
    } catch {
      // No frames, as of the textbook: then nobody asks for any.
    }
    ring()
  })
  socket.on('drain', ring).on('end', end).on('close', end)

  const patiently = <T>(look: () => T | undefined) =>
    withDeadline(until(look), stretched(PATIENCE), 'an answer or the end')
  return {
    patiently,
    /** What there is to find; null where the connection ended before there was any. */
    heard: <T>(look: () => T | undefined) => patiently(() => look() ?? (over ? null : undefined)),
    first: () => first,
    frame: (type: number) => frames.get(type),
  }
}
