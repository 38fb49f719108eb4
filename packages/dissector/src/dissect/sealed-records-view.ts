import { type Epoch, nextEpoch, startEpoch } from '@p2p-secure-chat/aes-chat/epoch'
import { LENGTH_BYTES, readPlaintext, SMALLEST_PLAINTEXT } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { type DirectionByte, recordTag } from '@p2p-secure-chat/aes-chat/record'
import { BLOCK_BYTES, type CbcDecryptor, cbcDecryptor } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES, sameBytes } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import type { Field } from '../message/field.ts'
import type { Finding } from '../message/finding.ts'
import { hexOf } from '../message/read-body.ts'
import { readBatch } from '../message/read-message.ts'
import { displacedRecord, type RecentRecords, type RecordView, type ViewedRecord } from './record-view.ts'

/** How far from the expected sequence number another one is looked for, when a tag is wrong. */
const SEARCH = 64

/** Bytes of the smallest record on the wire: 5 of header, 16 of IV, 80 of ciphertext, 32 of tag. */
const SMALLEST_RECORD = 133

/** Most records that are looked for beyond a gap: each costs a MAC over the whole record. */
const GAP_SEARCH = 4_096

/**
 * Most bytes of records that are hashed in a direction in search of another number: gaps cost nothing to make up, and
 * each can ask for hundreds of MB.
 */
const SEARCH_BYTES = 67_108_864

/** The direction is 0 from the initiator and 1 from the responder. */
const DIRECTIONS: Readonly<Record<Role, DirectionByte>> = { initiator: 0, responder: 1 }

export interface SealedRecordsViewOptions {
  /** What this direction sent lately, and the other one. */
  readonly own: RecentRecords
  readonly others: RecentRecords
}

/**
 * The records of one direction of the aes rung (docs/protocol.md, Records on the aes rung). A receiver refuses the first
 * record that is wrong and ends the session; this one says what is wrong with it and goes on.
 */
export function sealedRecordsView({ own, others }: SealedRecordsViewOptions): RecordView {
  let sequence = 0
  /** Records that may have gone by uncounted since the last one whose number is known; null: none. */
  let uncounted: number | null = null
  let epoch: Epoch<CbcDecryptor> | null = null
  let direction: DirectionByte = 0
  let updates = 0
  /** Bytes hashed so far in search of numbers other than the expected one. */
  let searched = 0

  /** The sequence number under which the tag is right: the expected one, else one nearby; null where there is none. */
  function numberOf(macKey: Uint8Array, sealed: Uint8Array, tag: Uint8Array): number | null {
    const right = (number: number) =>
      number >= 0 && sameBytes(tag, recordTag(macKey, BigInt(number), direction, sealed))
    if (right(sequence)) return sequence
    const ahead = Math.min(GAP_SEARCH, SEARCH + (uncounted ?? 0))
    for (let step = 1; step <= ahead + SEARCH; step++) {
      searched += sealed.length
      if (searched > SEARCH_BYTES) return null
      const number = step <= ahead ? sequence + step : sequence - (step - ahead)
      if (right(number)) return number
    }
    return null
  }

  return {
    view(frame, packet, traffic) {
      const body = frame.subarray(HEADER_BYTES)
      if (epoch === null && traffic !== null) {
        epoch = startEpoch(traffic.secret, cbcDecryptor)
        direction = DIRECTIONS[traffic.role]
      }
      const repetition = findRepetition(body)
      if (repetition !== null) {
        const fields = epoch === null ? [] : [tagStatus(false)]
        const noKey: Finding[] = epoch === null ? [{ code: 'no-key', detail: null }] : []
        const line = `${repetition.code}: ${repetition.detail}`
        return { fields, findings: [repetition, ...noKey], line, opened: null }
      }
      const findings: Finding[] = []
      const ivBefore = own.sameIv(body)
      if (ivBefore !== null) findings.push({ code: 'iv-reuse', detail: `the same IV as in packet ${ivBefore}` })
      own.remember(body, packet)

      if (epoch === null) {
        const number = sequence
        sequence += 1
        findings.push({ code: 'no-key', detail: null })
        const known = uncounted === null
        const line = known ? `${number} sealed` : 'sealed'
        return { fields: known ? [sequenceField(number)] : [], findings, line, opened: null }
      }

      const sealed = body.subarray(0, -MAC_BYTES)
      const number = numberOf(epoch.macKey, sealed, body.subarray(-MAC_BYTES))
      const expected = sequence
      if (number === null && uncounted !== null) {
        // A key update in the gap leaves all that follows sealed: then the search must not cost as much for ever.
        uncounted = Math.floor(uncounted / 2)
        return displacedRecord('sealed')
      }
      const fields = [
        sequenceField(number ?? expected),
        { name: 'record.epoch', value: String(updates), place: null } as const,
        tagStatus(number !== null),
      ]
      sequence = number === null ? expected + 1 : Math.max(expected, number + 1)
      if (number === null) {
        findings.push({ code: 'bad-tag', detail: null })
        return { fields, findings, line: `${expected}, its tag is wrong`, opened: null }
      }
      // What is missing in the capture was not taken away on the path, as far as anybody knows.
      if (number > expected && uncounted === null)
        findings.push({ code: 'reordered', detail: missing(number - expected) })
      uncounted = null
      if (number < expected) findings.push({ code: 'reordered', detail: 'it came late' })
      const { opened, sound, line } = viewBatch(epoch.cipher.decrypt(sealed))
      if (!sound) findings.push({ code: 'bad-frame', detail: 'its plaintext does not have the shape of a batch' })
      if (opened?.batch.keyUpdate) {
        epoch = nextEpoch(epoch, cbcDecryptor)
        updates += 1
      }
      return { fields, findings, line: `${number}, ${line}`, opened }
    },
    pass() {
      sequence += 1
    },
    lose(missing) {
      uncounted = (uncounted ?? 0) + Math.floor(missing / SMALLEST_RECORD)
    },
  }

  function findRepetition(body: Uint8Array): (Finding & { readonly detail: string }) | null {
    const before = own.same(body)
    if (before !== null) return { code: 'replayed', detail: `sent before in packet ${before}` }
    const reflected = others.same(body)
    return reflected === null ? null : { code: 'reflected', detail: `the other side sent it in packet ${reflected}` }
  }
}

function missing(records: number): string {
  return records === 1 ? 'one record before it is missing' : `${records} records before it are missing`
}

function sequenceField(number: number): Field {
  return { name: 'record.sequence', value: String(number), place: null }
}

function tagStatus(good: boolean): Field {
  return { name: 'record.tag_status', value: good ? 'good' : 'bad', place: null }
}

/**
 * Reads what a record of the aes rung decrypts to, `u32 n | batch | zeros | PKCS#7`, as far as it makes sense.
 *
 * @param decrypted whole blocks, at least one
 * @returns `sound`: whether a receiver would take it. Nothing is opened where PKCS#7 is wrong
 */
function viewBatch(decrypted: Uint8Array): Pick<ViewedRecord, 'opened' | 'line'> & { readonly sound: boolean } {
  const bytes = withoutPadding(decrypted)
  if (bytes === null) return { opened: null, sound: false, line: 'does not open' }
  if (bytes.length < LENGTH_BYTES) {
    const batch = { frames: [], whole: false, keyUpdate: false }
    return { opened: { bytes, fields: [], batch, batchAt: 0 }, sound: false, line: 'too short' }
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
  const end = LENGTH_BYTES + length
  const fields: Field[] = [
    { name: 'record.batch_length', value: String(length), place: { at: 0, length: LENGTH_BYTES } },
  ]
  if (end < bytes.length) {
    const place = { at: end, length: bytes.length - end }
    fields.push({ name: 'record.padding', value: hexOf(bytes.subarray(end)), place })
  }
  // A batch that claims to go beyond the end is not read.
  const batch = readBatch(bytes.subarray(LENGTH_BYTES, end <= bytes.length ? end : LENGTH_BYTES), 'peer-aes/1')
  const strict = decrypted.length >= SMALLEST_PLAINTEXT && readPlaintext(decrypted) !== null
  return {
    opened: { bytes, fields, batch, batchAt: LENGTH_BYTES },
    sound: strict && batch.whole,
    line: `${length} of ${bytes.length - LENGTH_BYTES} bytes`,
  }
}

/** Takes PKCS#7 padding off (RFC 5652, section 6.3); null where it is wrong. */
function withoutPadding(decrypted: Uint8Array): Uint8Array | null {
  const padding = decrypted.at(-1) ?? 0
  if (padding < 1 || padding > BLOCK_BYTES) return null
  const end = decrypted.length - padding
  return decrypted.subarray(end).every(byte => byte === padding) ? decrypted.subarray(0, end) : null
}
