import type { Channel } from './channel.ts'
import type { FrameLimits, Message } from './frame.ts'
import type { Protocol } from './hello.ts'

/** The side that dialled is the initiator. Two sides with the same role are an error. */
export type Role = 'initiator' | 'responder'

/** What has to come next from a caller who has proved nothing yet; `offer` is the first message of any upgrade. */
export type HandshakeStep = 'hello' | 'offer' | 'identity'

/** Bounds what a caller who has proved nothing yet may cost the callee. */
export interface Guard {
  /** The next step is theirs. */
  awaits(step: HandshakeStep): void
  /**
   * Waits until we may compute something for them.
   *
   * @throws {ChatError} `too-many` when that is not soon enough, or why they are gone
   */
  admit(): Promise<void>
  /** Does work that is theirs to pay for. */
  charge<T>(work: () => T): T
}

/** The two sides of one fresh connection, before the upgrade. */
export interface Introduction {
  readonly role: Role
  /** Both hellos as they crossed the wire: an authenticated upgrade signs them. */
  readonly hellos: Readonly<Record<Role, Message>>
  /** The name that was dialled; null on the callee's side. */
  readonly expected: string | null
  /** Absent for the dialling side, which chose to pay. */
  readonly guard?: Guard | undefined
}

/** Bounds nothing. */
export const UNGUARDED: Guard = {
  awaits: () => undefined,
  admit: () => Promise.resolve(),
  charge: work => work(),
}

/** What the connections of an upgrade are protected from. */
export interface Protection {
  /** Whether someone on the path can not read what is sent. */
  readonly confidential: boolean
  /** Whether someone on the path can not change, repeat, remove or cut what is sent without being noticed. */
  readonly integrity: boolean
}

/** What an upgrade found out about the connection. All security state on screen is computed from this alone. */
export interface PeerSecurity extends Protection {
  readonly protocol: Protocol
  /** The peer's name: claimed where identity is `none`, else authenticated together with its key. */
  readonly peer: string
  /**
   * `none`: nothing proves who the peer is; `new`: no conversation with this key was open before; `known`, `verified`: the
   * remembered key.
   */
  readonly identity: 'none' | 'new' | 'known' | 'verified'
  /** SHA-256 of the peer's identity key, base64url; null where there is none. */
  readonly fingerprint: string | null
  /** Twelve groups of five digits for both people to compare; null where there is no identity. */
  readonly safetyNumber: string | null
  /**
   * Whether our identity key (our name, where there is no identity) is the bytewise smaller of the two: when both sides
   * call each other at once, the call placed by the smaller one goes on.
   */
  readonly precedes: boolean
  /** Remarks that a person must see, such as a known key under a new name. */
  readonly notices: readonly string[]
  /** Pins a new peer's key (trust on first use). Does nothing where there is nothing to remember. */
  remember(): Promise<void>
  /** Notes that a conversation is open: with a pinned key the next one is `known`. Nothing where there is no key. */
  opened(): Promise<void>
  /** Notes that a person compared the safety number: `identity` is `verified` from here on. Nothing where there is none. */
  verify(): Promise<void>
}

/** The one step that makes a better Channel of a raw one. The chat engine takes it as a parameter. */
export interface Upgrade {
  readonly protocol: Protocol
  /** What each connection will have: all that can be told before there is one. */
  readonly protection: Protection
  /** What may cross the raw channel besides the hello: the upgrade's own messages, and what follows them. */
  readonly limits: FrameLimits
  /**
   * @param raw a channel on which both hellos have been exchanged; it belongs to the upgrade from here on
   * @throws {ChatError} what the upgrade refused; the caller aborts the raw channel with it
   */
  upgrade(raw: Channel, introduction: Introduction): Promise<{ channel: Channel; security: PeerSecurity }>
}
