import { createHash } from 'node:crypto'
import { boundedMap } from './bounded-map.ts'
import { hexOf } from './read-body.ts'

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
