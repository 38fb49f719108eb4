import { createHash } from 'node:crypto'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import type { Field } from '../message/field.ts'
import type { Finding, FindingCode } from '../message/finding.ts'
import { hexOf } from '../message/read-body.ts'
import type { Batch } from '../message/read-message.ts'
import { boundedMap } from './bounded-map.ts'
import type { Plaintext } from './observation.ts'

/** What keys, and what came before, add to a sealed frame. */
export interface Opened {
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  readonly plaintext: Plaintext | null
  /** What follows the name of the frame in one line. */
  readonly line: string
}

/** A frame that is not sealed, or stays so. */
export function withoutPlaintext(
  line: string,
  fields: readonly Field[] = [],
  codes: readonly FindingCode[] = [],
): Opened {
  return { fields, findings: codes.map(code => ({ code, detail: null })), plaintext: null, line }
}

/** The traffic secret of one direction, 32 bytes that the receiver owns, and the role of its sender. */
export interface Traffic {
  readonly role: Role
  readonly secret: Uint8Array
}

/** What can be said of one RECORD. */
export interface ViewedRecord {
  /** Computed fields of the frame. */
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  /** What follows the name of the frame in one line, before what is inside. */
  readonly line: string
  /** Null where it stays sealed. */
  readonly opened: {
    readonly bytes: Uint8Array
    readonly fields: readonly Field[]
    readonly batch: Batch
    /** Where the batch begins in `bytes`. */
    readonly batchAt: number
  } | null
}

/** Follows the records of one direction, in order. */
export interface RecordView {
  /**
   * @param frame a RECORD with a body of a size that the protocol allows
   * @param traffic the traffic secret of the direction, which belongs to the view; null where nobody knows it
   */
  view(frame: Uint8Array, packet: number, traffic: Traffic | null): ViewedRecord
  /** A record of that length went by whose bytes are not all in the capture. */
  pass(length: number): void
  /** An unknown number of records went by in that many bytes. */
  lose(missing: number): void
}

/** A record that no key opens, since nobody knows how many there were before it. */
export function displacedRecord(line: string, codes: readonly FindingCode[] = []): ViewedRecord {
  const noKey: Finding = { code: 'no-key', detail: 'after the gap its place is unknown' }
  const record = plainRecord(line, [], codes)
  return { ...record, findings: [...record.findings, noKey] }
}

/** A record about which there is no more to say. */
export function plainRecord(line: string, fields: readonly Field[], codes: readonly FindingCode[]): ViewedRecord {
  return { fields, findings: codes.map(code => ({ code, detail: null })), line, opened: null }
}

/** Records of a direction that are remembered, the latest ones. */
const REMEMBERED = 1_024

const IV_BYTES = 16

/** The latest records of one direction: to tell repetitions. */
export interface RecentRecords {
  remember(body: Uint8Array, packet: number): void
  /** The packet in which the same bytes went by; null where they did not. */
  same(body: Uint8Array): number | null
  /** The packet in which the same IV went by; null where it did not. */
  sameIv(body: Uint8Array): number | null
}

/** Bodies of records begin with their IV. The bytes themselves are not kept: 1,024 records can be 64 MiB. */
export function recentRecords(): RecentRecords {
  const byIv = boundedMap<string, number>(REMEMBERED)
  const byDigest = boundedMap<string, number>(REMEMBERED)
  const ivOf = (body: Uint8Array) => hexOf(body.subarray(0, IV_BYTES))
  const digestOf = (body: Uint8Array) => createHash('sha256').update(body).digest('base64')
  const sameIv = (body: Uint8Array) => byIv.get(ivOf(body)) ?? null

  return {
    remember(body, packet) {
      byIv.set(ivOf(body), packet)
      byDigest.set(digestOf(body), packet)
    },
    same: body => (sameIv(body) === null ? null : (byDigest.get(digestOf(body)) ?? null)),
    sameIv,
  }
}
