import type { Socket } from 'node:net'
import { BLOCK_BYTES, decryptCbc, encryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { randomBytes, type RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { END_OF_CHAT } from '../rungs.ts'
import { nextSegment, sendSegment } from './segments.ts'
import { TEXTBOOK_GROUP, textbookKey, type ToyGroup, toyKeyPair, toySecret } from './toy-exchange.ts'

/** How the textbook puts a text on the wire: as it is in its third step, encrypted in its fourth. */
export const STEPS = ['plain', 'aes'] as const
export type TextbookStep = (typeof STEPS)[number]

/** Writes and reads the texts of one chat. */
export interface TextbookProtection {
  seal(text: string): Uint8Array
  /** @throws {ChatError} `bad-record` for a padding that is wrong; nothing else is noticed, since nothing else is checked */
  open(bytes: Uint8Array): string
}

/** In the third step two sides agree on a secret, and make no use of it. */
const plain: TextbookProtection = {
  seal: text => Buffer.from(text),
  open: bytes => Buffer.from(bytes).toString(),
}

/** `IV (16) | AES-256-CBC` with the same key for both directions and nothing that shows an alteration. */
function aes(key: Uint8Array, random: RandomSource): TextbookProtection {
  return {
    seal(text) {
      const iv = random(BLOCK_BYTES)
      return Buffer.concat([iv, encryptCbc(key, iv, Buffer.from(text))])
    },
    open(bytes) {
      if (bytes.length < BLOCK_BYTES) return ''
      return Buffer.from(decryptCbc(key, bytes.subarray(0, BLOCK_BYTES), bytes.subarray(BLOCK_BYTES))).toString()
    },
  }
}

/** @param random source of the initialisation vectors */
export function textbookProtection(step: TextbookStep, secret: bigint, random = randomBytes): TextbookProtection {
  return step === 'plain' ? plain : aes(textbookKey(secret), random)
}

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
