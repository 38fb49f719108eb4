import type { Socket } from 'node:net'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { END_OF_CHAT } from '../rungs.ts'
import { textbookProtection, type TextbookStep } from './protection.ts'
import { nextSegment, sendSegment } from './segments.ts'
import { TEXTBOOK_GROUP, type ToyGroup, toyKeyPair, toySecret } from './toy-exchange.ts'

/** A chat of the textbook: two people, and nobody knows who the other one is. */
export interface TextbookChat {
  readonly secret: bigint
  say(text: string): void
  /**
   * The next text of the other side; null when it has said that it is done, or is gone.
   *
   * @throws {ChatError} `bad-record`, `timeout`
   */
  hear(): Promise<string | null>
  /** Says that we are done, and ends our direction; once is enough. */
  end(): void
}

export interface TextbookOptions {
  readonly step: TextbookStep
  readonly group?: ToyGroup
  /** Our private exponent, where the lesson wants a certain one. */
  readonly exponent?: bigint | undefined
}

/**
 * Begins a chat on a fresh connection, the same for both sides: each sends its public value in decimal.
 *
 * @throws {ChatError} `wrong-protocol` when the other side sends something else, `timeout`
 */
export async function beginChat(socket: Socket, options: TextbookOptions): Promise<TextbookChat> {
  const { step, group = TEXTBOOK_GROUP, exponent } = options
  const pair = toyKeyPair(group, exponent)
  sendSegment(socket, String(pair.publicValue))
  const answer = Buffer.from((await nextSegment(socket)) ?? []).toString()
  if (!/^\d+$/.test(answer)) throw new ChatError('wrong-protocol', 'the other side did not send a number first')
  const secret = toySecret(group, pair, BigInt(answer))
  const { seal, open } = textbookProtection(step, secret)

  return {
    secret,
    say: text => sendSegment(socket, seal(text)),
    async hear() {
      const bytes = await nextSegment(socket)
      const text = bytes === null ? END_OF_CHAT : open(bytes)
      return text === END_OF_CHAT ? null : text
    },
    end() {
      if (socket.writableEnded) return
      sendSegment(socket, seal(END_OF_CHAT))
      socket.end()
    },
  }
}
