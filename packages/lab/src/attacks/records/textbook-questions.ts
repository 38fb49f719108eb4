import type { Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { SocketTap, TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import { nextSegment, sendSegment } from '../../textbook/segments.ts'
import type { PaddingOracle } from './padding-search.ts'

/** Connections that are opened before they are needed; with those in use, fewer than the textbook takes at once. */
const AHEAD = 10

/**
 * How many later connections must be open before one is used. The textbook takes what arrives in one piece for one message,
 * so a question may only follow when the public value before it was read, and nothing says when: but it was read before
 * these were taken.
 */
const LATER = 6

/** Asks a program of the textbook about paddings. */
export interface TextbookQuestions {
  readonly ask: PaddingOracle
  /** How many questions were asked so far. */
  readonly asked: number
  /** Closes the connections that are open, and asks nothing more. */
  stop(): void
}

/** A connection over which a question may be asked. */
interface Line {
  readonly socket: Socket
  readonly watched: SocketTap | undefined
}

/**
 * A connection for each question. The program breaks off where the padding is wrong. Where it is right and our side has
 * ended, it says goodbye.
 *
 * @param publicValue of the one whose key is meant, as it crossed the wire
 */
export function textbookQuestions(
  address: Address,
  publicValue: Uint8Array,
  tap: TapSocket | undefined,
): TextbookQuestions {
  const sockets = new Set<Socket>()
  let asked = 0

  /** Null where the program does not speak: it takes few connections at once, and closes those that are too many. */
  async function connect(): Promise<Line | null> {
    const socket = await dialHere(address)
    sockets.add(socket)
    const watched = tap?.(socket, true)
    sendSegment(socket, publicValue)
    watched?.sent(publicValue)
    const theirs = await nextSegment(socket)
    if (theirs === null) return null
    watched?.received(theirs)
    return { socket, watched }
  }

  /** Some are never used, so nobody would hear of it if the program ends before they are open. */
  const connectIfThere = () => connect().catch(() => null)
  const lines = Array.from({ length: AHEAD }, connectIfThere)

  return {
    async ask(iv, block) {
      lines.push(connectIfThere())
      const [line] = await Promise.all([lines.shift(), lines[LATER - 1]])
      if (line === null || line === undefined) return false
      const { socket, watched } = line
      asked += 1
      const question = Buffer.concat([iv, block])
      sendSegment(socket, question)
      watched?.sent(question)
      socket.end()
      const answer = await nextSegment(socket)
      if (answer !== null) watched?.received(answer)
      socket.destroy()
      sockets.delete(socket)
      return answer !== null
    },
    get asked() {
      return asked
    },
    stop() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
