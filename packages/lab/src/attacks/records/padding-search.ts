import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'

/** Tells whether a block, decrypted under that IV, ends in right padding. It may say no by mistake, now and then, never yes. */
export type PaddingOracle = (iv: Uint8Array, block: Uint8Array) => Promise<boolean>

/** Questions that are under way at once. */
const AT_ONCE = 4

/** How often all 256 values of a byte are tried, since an oracle may have missed the right one. */
const ROUNDS = 3

/** Bytes in the order in which they are tried: what texts are made of first, as often as they come in English; then padding. */
const LIKELY = Buffer.from(' etaoinshrdlcumwfgypbvkjxqz0123456789.,')
const PADDING = Array.from({ length: BLOCK_BYTES }, (_, i) => i + 1)
const GUESSES = [...new Set([...LIKELY, ...PADDING, ...Array(256).keys()])]

/**
 * Decrypts one block of CBC without the key (Vaudenay, EUROCRYPT 2002). The IV is ours to choose, and is XORed onto what AES
 * makes of the block. The IVs under which that ends in 01, then in 02 02, then in 03 03 03, give it away byte by byte.
 *
 * @param previous the 16 bytes in front of the block: its IV, or the block of ciphertext before it
 * @param block 16 bytes of ciphertext
 * @returns 16 bytes of plaintext
 * @throws {Error} when the oracle says yes to none of the 256 values that a byte can have
 */
export async function decryptByPadding(
  oracle: PaddingOracle,
  previous: Uint8Array,
  block: Uint8Array,
): Promise<Uint8Array> {
  const plaintext = new Uint8Array(BLOCK_BYTES)

  /** The IV under which the block ends in right padding from `at` on, if the plaintext there is as we think. */
  function ivFor(at: number, guess: number): Uint8Array {
    return previous.map((byte, i) => {
      if (i < at) return 0
      return byte ^ (i === at ? guess : (plaintext[i] ?? 0)) ^ (BLOCK_BYTES - at)
    })
  }

  async function isRight(at: number, guess: number): Promise<boolean> {
    const iv = ivFor(at, guess)
    if (!(await oracle(iv, block))) return false
    if (at < BLOCK_BYTES - 1) return true
    // It may be right because it ends in 02 02. Then it is wrong with another byte in front.
    return oracle(
      iv.map((byte, i) => (i === at - 1 ? byte ^ 1 : byte)),
      block,
    )
  }

  async function find(at: number): Promise<number> {
    for (let asked = 0; asked < ROUNDS * GUESSES.length; asked += AT_ONCE) {
      const guesses = Array.from({ length: AT_ONCE }, (_, i) => GUESSES[(asked + i) % GUESSES.length] ?? 0)
      const answers = await Promise.all(guesses.map(guess => isRight(at, guess)))
      const found = guesses[answers.indexOf(true)]
      if (found !== undefined) return found
    }
    throw new Error(`no value of byte ${at} gives right padding`)
  }

  for (let at = BLOCK_BYTES - 1; at >= 0; at--) plaintext[at] = await find(at)
  return plaintext
}
