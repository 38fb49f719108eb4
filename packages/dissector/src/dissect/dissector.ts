import type { Connection, Moment, Side, StreamEvent } from '../capture/stream-event.ts'
import { MAX_CONNECTIONS } from '../capture/streams.ts'
import { boundedMap } from './bounded-map.ts'
import { conversation } from './conversation.ts'
import type { Deliver, DirectionEnd, Follower } from './follower.ts'
import type { Secrets } from './secrets.ts'
import { legacyDirectory } from './legacy-directory.ts'
import { legacyPeer } from './legacy-peer.ts'
import { type Beginning, recognise } from './recognition.ts'

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

/** One connection: what follows it, once it is recognised, or what was said so far. */
interface Followed {
  readonly connection: Connection
  /** Null: none of ours. Undefined: not recognised yet. */
  follower: Follower | null | undefined
  waiting: StreamPiece[]
  /** What waits: so many bytes, and a gap counts as one. */
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
