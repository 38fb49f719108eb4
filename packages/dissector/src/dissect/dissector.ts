import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Connection, Moment, Side, StreamEvent } from '../capture/stream-event.ts'
import { MAX_CONNECTIONS } from '../capture/streams.ts'
import { isPlausible, typesOf } from '../message/protocols.ts'
import { boundedMap } from './bounded-map.ts'
import { conversation } from './conversation.ts'
import { beginsWithFrames } from './frame-splitter.ts'
import { decimalIn, legacyDirectory, legacyPeer, PROMPT } from './legacy.ts'
import type { Deliver, DirectionEnd, Follower } from './observation.ts'
import type { Secrets } from './secrets.ts'

/** Bytes of a connection that wait until it is recognised: an ERROR in the place of a hello fits. */
const UNRECOGNISED_BYTES = 4_096

/** Ports of the textbook's users that are remembered. */
const LEGACY_PORT_LIMIT = 1_024

/** Makes messages of the bytes of connections, with all that can be said about each. */
export interface Dissector {
  push(event: StreamEvent, deliver: Deliver): void
  /** The capture is over: so is everything in it that has no end. */
  end(deliver: Deliver): void
}

type StreamPiece = Extract<StreamEvent, { kind: 'bytes' | 'gap' }>

/** One connection: what follows it, once it is recognised, or its bytes so far. */
interface Followed {
  readonly connection: Connection
  /** Null: none of ours. Undefined: not recognised yet. */
  follower: Follower | null | undefined
  waiting: StreamPiece[]
  /** Size of what waits, in bytes; a gap counts as one. */
  waitingBytes: number
  readonly beginnings: Map<Side, Beginning>
  readonly ended: Map<Side, DirectionEnd>
}

/**
 * Reads conversations of all rungs out of TCP streams. What it keeps is bounded for each connection, and so is their
 * number.
 *
 * @param keys secrets may be added until the frames come that they open
 */
export function dissector(keys: Secrets): Dissector {
  const connections = boundedMap<number, Followed>(MAX_CONNECTIONS)
  let last: Moment = { packet: 0, time: null }
  const legacyPorts = boundedMap<number, true>(LEGACY_PORT_LIMIT)

  /** @param whole whether its beginning is known: not where it was given up, since there were too many others */
  function followedOf(connection: Connection, whole = false): Followed {
    const followed = connections.get(connection.number) ?? {
      connection: { ...connection, whole },
      follower: undefined,
      waiting: [],
      waitingBytes: 0,
      beginnings: new Map(),
      ended: new Map(),
    }
    connections.set(connection.number, followed)
    return followed
  }

  function followerOf(followed: Followed): Follower | null | undefined {
    const { connection } = followed
    const recognised = recognise(connection, followed.beginnings, port => legacyPorts.get(port) === true)
    switch (recognised?.kind) {
      case undefined:
        return followed.waitingBytes > UNRECOGNISED_BYTES ? null : undefined
      case 'ours':
        return conversation({ connection, keys, aligned: recognised.aligned })
      case 'legacy-directory':
        return legacyDirectory(connection, port => legacyPorts.set(port, true))
      case 'legacy-peer':
        return legacyPeer(connection)
      case 'foreign':
        return null
    }
  }

  function speak(event: StreamPiece, deliver: Deliver): void {
    const { from } = event
    const followed = followedOf(event.connection)
    if (followed.follower === null) return
    if (followed.follower !== undefined) return pass(event, followed.follower, deliver)

    if (event.kind === 'bytes') {
      // A copy: what they are a view of is a large piece of the file, and would stay as long as they wait.
      const said = new Uint8Array(event.bytes)
      const { segment, bytes } = followed.beginnings.get(from) ?? { segment: said, bytes: new Uint8Array() }
      followed.beginnings.set(from, { segment, bytes: Buffer.concat([bytes, said]) })
      followed.waiting.push({ ...event, bytes: said })
      followed.waitingBytes += said.length
    } else {
      followed.waiting.push(event)
      followed.waitingBytes += 1
    }
    const follower = followerOf(followed)
    followed.follower = follower
    if (follower === undefined) return
    const { waiting } = followed
    followed.waiting = []
    followed.beginnings.clear()
    if (follower !== null) for (const waited of waiting) pass(waited, follower, deliver)
  }

  function end({ at, connection, from, how }: Extract<StreamEvent, { kind: 'end' }>, deliver: Deliver): void {
    const followed = followedOf(connection)
    if (!followed.ended.has(from)) followed.ended.set(from, how)
    // A reset ends both directions.
    const both = how === 'reset' ? how : undefined
    const dialler = followed.ended.get('dialler') ?? both
    const listener = followed.ended.get('listener') ?? both
    if (dialler === undefined || listener === undefined) return
    followed.follower?.end(at, { dialler, listener }, deliver)
    connections.delete(connection.number)
  }

  return {
    push(event, deliver) {
      last = event.at
      switch (event.kind) {
        case 'open':
          followedOf(event.connection, event.connection.whole)
          return
        case 'bytes':
        case 'gap':
          return speak(event, deliver)
        case 'end':
          return end(event, deliver)
        case 'odd': {
          const finding = { code: 'not-understood', detail: event.what } as const
          return deliver({ kind: 'finding', at: event.at, connection: null, finding })
        }
      }
    },
    end(deliver) {
      for (const { follower } of connections.values()) follower?.end(last, null, deliver)
    },
  }
}

function pass(event: StreamPiece, follower: Follower, deliver: Deliver): void {
  const { at, from } = event
  if (event.kind === 'bytes') follower.bytes(at, from, event.bytes, deliver)
  else follower.gap(at, from, event.missing, deliver)
}

/** Ports of our directories and calculators, on which a conversation is recognised without its beginning. */
const OWN_PORTS: readonly number[] = [10_000, 10_001]

/** Type and magic of a hello: the bytes after the length of the first frame. */
const HELLO_MARK = Uint8Array.of(0x01, 0x50, 0x32, 0x50, 0x43)
const HELLO_MARK_AT = 4

const PROMPT_BYTES = new TextEncoder().encode(PROMPT)

/** What a connection turns out to be; `foreign` is not one of ours. */
type Recognised =
  | { readonly kind: 'ours'; readonly aligned: readonly Side[] }
  | { readonly kind: 'legacy-directory' | 'legacy-peer' | 'foreign' }

/** The first bytes of a side: those of its first segment, and all that is kept of it. */
interface Beginning {
  readonly segment: Uint8Array
  readonly bytes: Uint8Array
}

/**
 * Says what a connection is, by its first bytes.
 *
 * @param beginnings of the sides that have spoken
 * @param isLegacyPort whether a user of the textbook's server takes calls on that port
 * @returns null as long as it can still be more than one thing
 */
function recognise(
  connection: Connection,
  beginnings: ReadonlyMap<Side, Beginning>,
  isLegacyPort: (port: number) => boolean,
): Recognised | null {
  const sides = [...beginnings]
  const hellos = sides.filter(([, { bytes }]) => beginsWithHello(bytes) === true)
  const whole: readonly Side[] = connection.whole ? ['dialler', 'listener'] : hellos.map(([side]) => side)
  if (hellos.length > 0) return { kind: 'ours', aligned: whole }
  if (sides.some(([, { bytes }]) => matches(bytes, PROMPT_BYTES) === true)) return { kind: 'legacy-directory' }

  const undecided = sides.some(
    ([, { bytes }]) => beginsWithHello(bytes) === null || matches(bytes, PROMPT_BYTES) === null,
  )
  if (undecided) return null
  // Without its beginning a segment may be the middle of a frame: then a plausible one is waited for.
  const ownPort = OWN_PORTS.includes(connection.listener.port)
  if (ownPort && (!connection.whole || sides.some(([, { bytes }]) => plausible(bytes)))) {
    return { kind: 'ours', aligned: whole }
  }
  if (isLegacyPort(connection.listener.port)) return { kind: 'legacy-peer' }
  if (sides.length < 2) return null
  return { kind: sides.every(([, { segment }]) => decimalIn(segment) !== null) ? 'legacy-peer' : 'foreign' }
}

/** Null while there are too few bytes to say. The length of a hello is small: its first byte is 0. */
function beginsWithHello(bytes: Uint8Array): boolean | null {
  const found = matches(bytes.subarray(HELLO_MARK_AT), HELLO_MARK)
  return found === null && bytes[0] !== 0 ? false : found
}

/** Whether the bytes begin with the mark; null while they are too few to say. */
function matches(bytes: Uint8Array, mark: Uint8Array): boolean | null {
  const common = mark.subarray(0, bytes.length)
  if (common.some((byte, at) => byte !== bytes[at])) return false
  return common.length === mark.length ? true : null
}

function plausible(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false
  return beginsWithFrames(bytes, (type, length) => isPlausible(typesOf(null, 'on the wire'), type, length))
}
