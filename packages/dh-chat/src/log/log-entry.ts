import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import * as v from 'valibot'

/**
 * Sizes of an entry before encryption, in bytes: powers of two from the smallest on, so that a log reveals only one of
 * ten sizes for each entry. The largest holds the longest text even if JSON escapes each of its characters.
 */
const SMALLEST_BUCKET = 256
export const LARGEST_ENTRY = 131_072

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
 * One entry of a log: a conversation opened or closed, a text, or the log stopped cleanly. `at` is the time in ISO 8601,
 * UTC; `fingerprint` is that of the peer's key.
 */
export type LogEntry = v.InferOutput<typeof schema>

/**
 * An entry as bytes: JSON, then blanks up to a bucket.
 *
 * @throws {RangeError} when it exceeds the largest bucket, which no text of a peer can do
 */
export function encodeEntry(entry: LogEntry): Uint8Array {
  const json = Buffer.from(JSON.stringify(entry))
  let bucket = SMALLEST_BUCKET
  while (bucket < json.length) bucket *= 2
  if (bucket > LARGEST_ENTRY) throw new RangeError(`entry must be at most ${LARGEST_ENTRY} bytes, got ${json.length}`)
  const padded = new Uint8Array(bucket).fill(SPACE, json.length)
  padded.set(json)
  return padded
}

/** @returns null for an entry of a later version: nobody else has the key to write one */
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

/**
 * Turns a client's events into entries of a log, and into null where nothing is kept, such as for a call that led to no
 * conversation. It must see every event, because only `open` carries the key of the peer.
 *
 * @returns a function of the event and of whether a log is kept: without one it makes no entry, which costs more than the rest
 */
export function entriesOfEvents(): (event: ChatEvent, isKept: boolean) => LogEntry | null {
  const fingerprints = new Map<string, string>()

  return (event, isKept) => {
    if (!('peer' in event)) return null
    const { peer } = event
    if (event.event === 'open' && event.fingerprint !== null) fingerprints.set(peer, event.fingerprint)
    const fingerprint = fingerprints.get(peer)
    if (event.event === 'closed') fingerprints.delete(peer)
    if (fingerprint === undefined || !isKept) return null
    const at = new Date().toISOString()
    switch (event.event) {
      case 'open':
        return event.identity === 'none' ? null : { event: 'open', at, peer, fingerprint, identity: event.identity }
      case 'message': {
        const { direction, id, text } = event
        return { event: 'message', at, peer, fingerprint, direction, id, text }
      }
      case 'closed':
        return { event: 'closed', at, peer, fingerprint, reason: event.reason, code: event.code }
      default:
        return null
    }
  }
}
