import { type ErrorEvent, type OwnHint, ownHint } from '@p2p-secure-chat/core/error-event'
import type { ChatError, ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Protocol } from '@p2p-secure-chat/core/wire/hello'
import type { PeerSecurity, Protection } from '@p2p-secure-chat/core/wire/upgrade'
import type { DirectoryChange } from '../directory/reconnecting-directory.ts'
import type { FileUpdate } from '../files/file-update.ts'
import type { BlockedPeer } from './blocked-peers.ts'
import type { Outbox, UndeliveredText } from './outbox.ts'

/** Why a conversation, or the attempt at one, is over. */
export type CloseReason = 'bye' | 'cut' | 'refused' | 'timeout' | 'error'

/** A conversation, or the attempt at one, is over. */
export type ClosedEvent = {
  readonly event: 'closed'
  readonly peer: string
  readonly reason: CloseReason
  readonly code: ErrorCode | null
  /** What happened, for people; null when there is nothing to say. */
  readonly message: string | null
} & OwnHint

/** Everything that happens in a chat client, as `--json` prints it (there with `v` and `at`). */
export type ChatEvent =
  | ({
      readonly event: 'ready'
      readonly name: string
      /** HOST:PORT where we take calls; null if nowhere. */
      readonly listen: string | null
      readonly directory: string
      readonly protocol: Protocol
      readonly fingerprint: string | null
      /** What this client discloses because its person asked for it, for people. */
      readonly notices: readonly string[]
    } & Protection)
  | {
      readonly event: 'users'
      readonly prefix: string
      readonly users: readonly { readonly name: string }[]
      /** The name after which the next page begins; null on the last. */
      readonly next: string | null
    }
  | {
      readonly event: 'peers'
      readonly peers: readonly {
        readonly name: string
        readonly fingerprint: string
        readonly identity: 'new' | 'known' | 'verified'
      }[]
    }
  | { readonly event: 'blocked'; readonly peers: readonly BlockedPeer[] }
  | { readonly event: 'invite'; readonly invite: string }
  | { readonly event: 'presence'; readonly name: string; readonly online: boolean }
  | {
      readonly event: 'call'
      readonly peer: string
      readonly direction: 'incoming' | 'outgoing'
      /** Whether it waits for a person's /accept or /decline. */
      readonly asks: boolean
    }
  | ({
      /** The peer has no place for our call now; we retry. */
      readonly event: 'retry'
      readonly peer: string
      readonly code: ErrorCode
      readonly message: string
    } & OwnHint)
  | ({
      readonly event: 'open'
      readonly peer: string
      readonly via: 'direct'
      readonly notices: readonly string[]
    } & Pick<PeerSecurity, 'confidential' | 'integrity' | 'identity' | 'fingerprint' | 'safetyNumber'>)
  | {
      readonly event: 'message'
      readonly peer: string
      readonly direction: 'in' | 'out'
      readonly id: string
      readonly text: string
    }
  | { readonly event: 'delivered'; readonly peer: string; readonly id: string }
  | ({
      readonly event: 'file'
      readonly peer: string
      /** Whether a matching checksum shows that nobody on the path altered the file, and not just accidents. */
      readonly integrity: boolean
    } & FileUpdate)
  | ({
      readonly event: 'interrupted'
      readonly peer: string
      /** Why the connection is gone: `cut`, `timeout` or `session-limit`. */
      readonly code: ErrorCode
      readonly message: string
    } & OwnHint)
  | {
      readonly event: 'resumed'
      readonly peer: string
      /** How many texts of ours are sent again. */
      readonly resent: number
    }
  | ClosedEvent
  | ({ readonly event: 'directory' } & DirectoryChange)
  | ({
      readonly event: 'error'
      /** With `undelivered`: the texts that were not acknowledged, the first of many. */
      readonly texts?: readonly UndeliveredText[]
    } & ErrorEvent)

/** The event that reports an open conversation, and what is known of its peer. */
export function openEvent(peer: string, security: PeerSecurity): ChatEvent {
  const { confidential, integrity, identity, fingerprint, safetyNumber, notices } = security
  const safety = { confidential, integrity, identity, fingerprint, safetyNumber }
  return { event: 'open', peer, via: 'direct', ...safety, notices }
}

/** Texts that are listed when they were not delivered: enough to say them again, too few to fill a screen. */
const LISTED = 10

/** The event that reports the texts in an outbox that were not delivered. */
export function undeliveredEvent(peer: string, outbox: Outbox): ChatEvent {
  const count = outbox.unacknowledged
  const message = `${peer} did not acknowledge ${count === 1 ? 'the last text' : `the last ${count} texts`}`
  return { event: 'error', code: 'undelivered', message, texts: outbox.firstUnacknowledged(LISTED) }
}

/**
 * The event that reports why a conversation, or the attempt at one, is over.
 *
 * @param error null where nothing went wrong
 * @param otherwise what to say then
 */
export function closedEvent(peer: string, error: ChatError | null, otherwise: string | null = null): ClosedEvent {
  const code = error?.code ?? null
  const hint = error === null ? {} : ownHint(error)
  return { event: 'closed', peer, reason: closeReason(code), code, message: error?.message ?? otherwise, ...hint }
}

/** How a `closed` event names an error that ended a conversation. */
function closeReason(code: ErrorCode | null): CloseReason {
  switch (code) {
    case null:
      return 'bye'
    case 'cut':
      return 'cut'
    case 'declined':
    case 'busy':
    case 'blocked':
    case 'crossed':
      return 'refused'
    case 'timeout':
    case 'no-answer':
      return 'timeout'
    default:
      return 'error'
  }
}
