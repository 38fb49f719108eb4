import * as v from 'valibot'

/**
 * Sizes of an entry before encryption, in bytes: powers of two from the smallest on, so that ten sizes are all that a
 * log shows of what was said. The largest holds the longest text if JSON escapes each of its characters.
 */
const SMALLEST_BUCKET = 256
export const LARGEST_BUCKET = 131_072

const SPACE = 0x20

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

const at = v.pipe(v.string(), v.isoTimestamp())
const withPeer = { at, peer: v.string(), fingerprint: v.string() }

const schema = v.variant('event', [
  v.object({ event: v.literal('open'), ...withPeer, identity: v.picklist(['new', 'known', 'verified']) }),
  v.object({
    event: v.literal('message'),
    ...withPeer,
    direction: v.picklist(['in', 'out']),
    id: v.string(),
    text: v.string(),
  }),
  v.object({ event: v.literal('closed'), ...withPeer, reason: v.string(), code: v.nullable(v.string()) }),
  v.object({ event: v.literal('stop'), at }),
])

/**
 * What a log keeps: a conversation that opened or closed, a text, or that the log stopped in order. `at` is the time in
 * ISO 8601, UTC; `fingerprint` is that of the peer's key.
 */
export type LogEntry = v.InferOutput<typeof schema>

/**
 * An entry as bytes: JSON, then blanks up to a bucket.
 *
 * @throws {RangeError} when it is larger than the largest bucket, which no text of a peer can make it
 */
export function encodeEntry(entry: LogEntry): Uint8Array {
  const json = Buffer.from(JSON.stringify(entry))
  let bucket = SMALLEST_BUCKET
  while (bucket < json.length) bucket *= 2
  if (bucket > LARGEST_BUCKET) throw new RangeError(`an entry of ${json.length} bytes`)
  const padded = new Uint8Array(bucket).fill(SPACE, json.length)
  padded.set(json)
  return padded
}

/** @returns null for what only a later version can have written: nobody else has the key */
export function decodeEntry(bytes: Uint8Array): LogEntry | null {
  let value: unknown
  try {
    value = JSON.parse(decoder.decode(bytes))
  } catch {
    return null
  }
  const entry = v.safeParse(schema, value)
  return entry.success ? entry.output : null
}
