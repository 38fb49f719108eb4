import { type Keystream, keystream } from '@p2p-secure-chat/core/cipher/keystream'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'

/** Largest batch of one record, in bytes, and so the largest body of a RECORD frame on this rung. */
export const KEYSTREAM_CAPACITY = 65_536

/** Bytes that one session carries in each direction (1 GiB). After that, a new exchange makes new keys. */
export const SESSION_LIMIT = 2 ** 30

/** One 32-byte key for each direction; the protection owns both. */
export interface DirectionKeys {
  readonly send: Uint8Array
  readonly receive: Uint8Array
}

/**
 * The records of the dh rung: body = batch XOR key stream, and nothing else. Nobody on the path can read them, but anyone
 * on the path can alter them: a flipped bit arrives as a flipped bit, and a lost record turns everything after it into
 * noise. Nothing here detects that, which is why the next rung exists.
 *
 * @param limit bytes in one direction before `session-limit`
 */
export function keystreamProtection(keys: DirectionKeys, limit: number = SESSION_LIMIT): RecordProtection {
  const send = keystream(keys.send)
  const receive = keystream(keys.receive)
  let ended = false

  function xor(stream: Keystream, bytes: Uint8Array): Uint8Array {
    if (ended) throw new ChatError('closed', 'the session is over and its keys are wiped')
    if (stream.used + bytes.length > limit) {
      throw new ChatError('session-limit', `this session has carried its ${limit} bytes in one direction`)
    }
    return stream.xor(bytes)
  }

  const carries = (bytes: Uint8Array) => bytes.length >= 1 && bytes.length <= KEYSTREAM_CAPACITY

  return {
    capacity: KEYSTREAM_CAPACITY,
    seal(batch) {
      if (!carries(batch)) throw new RangeError(`batch must be 1 to ${KEYSTREAM_CAPACITY} bytes, got ${batch.length}`)
      return xor(send, batch)
    },
    open(body) {
      if (!carries(body)) throw new ChatError('bad-record', 'a record was rejected')
      return xor(receive, body)
    },
    wipe() {
      ended = true
      send.wipe()
      receive.wipe()
    },
  }
}
