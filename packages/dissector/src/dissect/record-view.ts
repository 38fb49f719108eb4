import type { Field } from './field.ts'
import type { Finding, FindingCode } from './finding.ts'
import type { Traffic } from './handshake-view.ts'
import type { Batch } from './inner-frames.ts'

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
  /** Nobody knows how many records went by in so many bytes. */
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
