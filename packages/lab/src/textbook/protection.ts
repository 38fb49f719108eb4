import { BLOCK_BYTES, decryptCbc, encryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { textbookKey } from './toy-exchange.ts'

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
