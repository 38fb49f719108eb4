import { type RandomSource, randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import { SECRET_BYTES } from './epoch.ts'
import { type DirectionByte, RECORD_CAPACITY, recordOpener, recordSealer } from './record.ts'

/** Records after which a direction replaces its secret. */
const UPDATE_AFTER_RECORDS = 65_536

export interface SealedRecordsOptions {
  /** The traffic secrets of the two directions, 32 bytes each; the protection owns and wipes them. */
  readonly sendSecret: Uint8Array
  readonly receiveSecret: Uint8Array
  /** 0 on the initiator's side, 1 on the responder's. */
  readonly sendDirection: DirectionByte
  /** Records after which this side replaces its secret. */
  readonly updateAfter?: number
  readonly random?: RandomSource
}

/**
 * The records of the aes rung: confidential, and altering, replaying, reordering, dropping, reflecting or cutting one
 * ends the session. Every rejected record fails with the same error, whatever is wrong with it. The failure sticks: the
 * keys are wiped.
 *
 * @throws {RangeError} when a secret is not 32 bytes or `updateAfter` is below 1
 */
export function sealedRecords({
  sendSecret,
  receiveSecret,
  sendDirection,
  updateAfter = UPDATE_AFTER_RECORDS,
  random = randomBytes,
}: SealedRecordsOptions): RecordProtection {
  if (sendSecret.length !== SECRET_BYTES || receiveSecret.length !== SECRET_BYTES) {
    throw new RangeError(`secrets must be ${SECRET_BYTES} bytes, got ${sendSecret.length} and ${receiveSecret.length}`)
  }
  if (!(updateAfter >= 1)) throw new RangeError(`updateAfter must be at least 1, got ${updateAfter}`)
  const sealer = recordSealer({ secret: sendSecret, direction: sendDirection, updateAfter, random })
  const opener = recordOpener(receiveSecret, sendDirection === 0 ? 1 : 0)
  let ended: ChatError | null = null

  function end(error: ChatError): void {
    ended = error
    sealer.wipe()
    opener.wipe()
  }

  return {
    capacity: RECORD_CAPACITY,
    seal(batch) {
      if (ended !== null) throw ended
      return sealer.seal(batch)
    },
    open(body) {
      if (ended !== null) throw ended
      const batch = opener.open(body)
      if (batch !== null) return batch
      const error = new ChatError('bad-record', 'a record was rejected')
      end(error)
      throw error
    },
    wipe() {
      if (ended === null) end(new ChatError('closed', 'the session is over and its keys are wiped'))
    },
  }
}
