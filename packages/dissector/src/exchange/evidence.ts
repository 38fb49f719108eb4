import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import type { Connection, Side } from '../capture/stream-event.ts'
import type { Spoken } from '../dissect/observation.ts'
import type { LegacyRecord } from './legacy-record.ts'

/** What a handshake of ours shows to everybody. Frames are as they crossed the wire. */
export interface SeenHandshake {
  readonly kind: 'handshake'
  readonly connection: Connection
  readonly spoken: SecureProtocol
  /** Who sent OFFER. */
  readonly initiator: Side
  readonly hellos: Readonly<Record<Side, Uint8Array>>
  /** OFFER, if there were any RETRY and OFFER, ANSWER. */
  readonly agreement: readonly Uint8Array[]
  readonly group: string
  /** The size of the prime in bits, as far as the public values show. */
  readonly bits: number
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** IDENTITY of each side, as far as it is in the capture. */
  readonly identities: Readonly<Record<Side, Uint8Array | null>>
}

/** What a conversation in the textbook's format shows to everybody. */
export interface SeenLegacy {
  readonly kind: 'legacy'
  readonly connection: Connection
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** The first of its encrypted records; none in a conversation that is not encrypted. */
  readonly probes: readonly LegacyRecord[]
}

/** A conversation in which everything is in the open. */
export interface SeenOpen {
  readonly kind: 'open'
  readonly connection: Connection
  readonly spoken: Spoken
}

/** A conversation of ours whose exchange is not in the capture. */
export interface SeenPart {
  readonly kind: 'part'
  readonly connection: Connection
  readonly spoken: Spoken
}

export type Evidence = SeenHandshake | SeenLegacy | SeenOpen | SeenPart
