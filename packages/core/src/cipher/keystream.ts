import { MAC_BYTES, mac } from './mac.ts'
import { wipe } from './wipe.ts'

/** Bytes that hide a message by XOR: each is used once, in order. */
export interface Keystream {
  /** Returns `data` XOR the next bytes of the stream. The same call hides and reveals. */
  xor(data: Uint8Array): Uint8Array
  /** Bytes consumed so far. Where to stop is the caller's decision. */
  readonly used: number
  /** Zeroes the key. The stream must not be used afterwards: xor() then throws TypeError. */
  wipe(): void
}

/**
 * A key stream made of a hash function alone: block i is HMAC-SHA-256(key, i as u64 big-endian) for i = 0, 1, 2, ...
 * HMAC under a secret key is a pseudorandom function (RFC 2104; Bellare 2006), and a pseudorandom function in counter
 * mode hides what it is XORed with (NIST SP 800-38A, section 6.5) as long as no counter value is used twice under one
 * key. Here none is: the counter only goes up, and there is no way to set it.
 *
 * It hides but does not protect: an attacker who flips a bit on the way flips the same bit of the message.
 *
 * @param key 32 secret bytes, for one direction of one session; they belong to the stream from here on
 */
export function keystream(key: Uint8Array): Keystream {
  const counter = Buffer.alloc(8)
  let block: Buffer = Buffer.alloc(0)
  let used = 0
  let wiped = false

  function nextByte(): number {
    const at = used % MAC_BYTES
    if (at === 0) {
      counter.writeBigUInt64BE(BigInt(used / MAC_BYTES))
      block = mac(key, counter)
    }
    used += 1
    return block.readUInt8(at)
  }

  return {
    xor(data) {
      if (wiped) throw new TypeError('the key of this stream is wiped')
      return data.map(byte => byte ^ nextByte())
    },
    get used() {
      return used
    },
    wipe() {
      wiped = true
      wipe(key, block)
    },
  }
}
