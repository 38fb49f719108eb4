import { ChatError } from '@p2p-secure-chat/core/errors'
import type { FrameLimits, Message } from '@p2p-secure-chat/core/wire/frame'
import * as type from '@p2p-secure-chat/core/wire/message-types'
import * as v from 'valibot'

/** Bytes of a file in one message (63 KiB): with its headers it fills one record and its bucket. */
export const CHUNK_BYTES = 64_512

/** Chunks that may be under way, from the disk of one side to that of the other; see WINDOW. */
export const WINDOW_CHUNKS = 16

/**
 * Bytes that may be under way (about 1 MiB): enough for 10 MB/s at 100 ms, and little enough for the memory of both sides
 * and for the texts that wait behind them.
 */
export const WINDOW = WINDOW_CHUNKS * CHUNK_BYTES

/** Files of one direction that may be offered and not over at once. */
export const FILES_AT_ONCE = 4

/** Longest name in an offer, in UTF-16 code units, as of most file systems. */
const NAME_LIMIT = 255

/** Bytes of u32 id and u64 offset. */
export const CHUNK_HEADER = 12

const OFFER_LIMIT = 2_048
const CONTROL_LIMIT = 256

/** What may cross a conversation about files. */
export const fileLimits: FrameLimits = new Map([
  [type.FILE_OFFER, OFFER_LIMIT],
  [type.FILE_ACCEPT, CONTROL_LIMIT],
  [type.FILE_CHUNK, CHUNK_HEADER + CHUNK_BYTES],
  [type.FILE_PROGRESS, CHUNK_HEADER],
  [type.FILE_RESULT, CONTROL_LIMIT],
  [type.FILE_CANCEL, CONTROL_LIMIT],
])

const id = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff_ffff))
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

export const offerSchema = v.object({
  id,
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(NAME_LIMIT)),
  size,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
})
export const fileAcceptSchema = v.object({ id, offset: size })

/** Why the receiver ends a file; null when it has it, verified and under its name. */
export const resultSchema = v.object({
  id,
  code: v.nullable(
    v.picklist([
      'declined',
      'cancelled',
      'closed',
      'too-many',
      'busy',
      'disk-full',
      'unwritable',
      'bad-checksum',
      'timeout',
    ]),
  ),
})

/** Why the sender ends a file. */
export const cancelSchema = v.object({
  id,
  code: v.picklist(['cancelled', 'closed', 'file-changed', 'unreadable', 'no-answer', 'timeout']),
})

export type FileOffer = v.InferOutput<typeof offerSchema>
export type ResultCode = v.InferOutput<typeof resultSchema>['code']
export type CancelCode = v.InferOutput<typeof cancelSchema>['code']

/** Where in which file something stands. */
interface Place {
  readonly id: number
  readonly offset: number
}

/** FILE_CHUNK: `u32 id | u64 offset | bytes`. Writes the header in front of the bytes, into the room left for it. */
export function chunkMessage({ id, offset }: Place, body: Uint8Array): Message {
  writePlace(body, { id, offset })
  return { type: type.FILE_CHUNK, body }
}

/** @throws {ChatError} `bad-message` when it is shorter than its header, without bytes, or beyond 2^53 */
export function readChunk(body: Uint8Array): Place & { readonly bytes: Uint8Array } {
  if (body.length <= CHUNK_HEADER) throw new ChatError('bad-message', 'a chunk without bytes')
  return { ...readPlace(body), bytes: body.subarray(CHUNK_HEADER) }
}

/** FILE_PROGRESS: `u32 id | u64 offset`, the bytes that the receiver has written. */
export function progressMessage(place: Place): Message {
  const body = new Uint8Array(CHUNK_HEADER)
  writePlace(body, place)
  return { type: type.FILE_PROGRESS, body }
}

/** @throws {ChatError} `bad-message` when it has not exactly its 12 bytes, or lies beyond 2^53 */
export function readProgress(body: Uint8Array): Place {
  if (body.length !== CHUNK_HEADER) throw new ChatError('bad-message', 'a progress message has 12 bytes')
  return readPlace(body)
}

function writePlace(body: Uint8Array, { id, offset }: Place): void {
  const view = new DataView(body.buffer, body.byteOffset, CHUNK_HEADER)
  view.setUint32(0, id)
  view.setBigUint64(4, BigInt(offset))
}

function readPlace(body: Uint8Array): Place {
  const view = new DataView(body.buffer, body.byteOffset, CHUNK_HEADER)
  const offset = Number(view.getBigUint64(4))
  if (!Number.isSafeInteger(offset)) throw new ChatError('bad-message', 'an offset beyond 2^53')
  return { id: view.getUint32(0), offset }
}
