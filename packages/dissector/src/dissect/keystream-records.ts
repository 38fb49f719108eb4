import { type Keystream, keystream } from '@p2p-secure-chat/core/cipher/keystream'
import type { Field } from './field.ts'
import { readBatch } from './inner-frames.ts'
import { displacedRecord, plainRecord, type RecordView } from './record-view.ts'

/** How much key stream is made at once to pass over what was sent before the key was there, in bytes. */
const STRIDE = 65_536

/**
 * The records of one direction of the dh rung (docs/protocol.md, Records on the dh rung). Nothing in them shows where in
 * the key stream they stand but what was sent before.
 */
export function keystreamRecords(): RecordView {
  let offset: number | null = 0
  let stream: Keystream | null = null

  function reveal(secret: Uint8Array, from: number, ciphertext: Uint8Array): Uint8Array {
    stream ??= keystream(secret)
    while (stream.used < from) stream.xor(new Uint8Array(Math.min(STRIDE, from - stream.used)))
    return stream.xor(ciphertext)
  }

  return {
    view(frame, _packet, traffic) {
      const from = offset
      const body = frame.subarray(5)
      if (offset !== null) offset += body.length
      if (from === null) return displacedRecord('sealed', ['malleable'])
      const fields: Field[] = [{ name: 'record.offset', value: String(from), place: null }]
      if (traffic === null) return plainRecord('sealed', fields, ['malleable', 'no-key'])
      const bytes = reveal(traffic.secret, from, body)
      const batch = readBatch(bytes, 'peer-dh/1')
      const codes = batch.whole ? (['malleable'] as const) : (['malleable', 'bad-frame'] as const)
      return { ...plainRecord(`${body.length} bytes`, fields, codes), opened: { bytes, fields: [], batch, batchAt: 0 } }
    },
    pass(length) {
      if (offset !== null) offset += length - 1
    },
    lose() {
      offset = null
    },
  }
}
