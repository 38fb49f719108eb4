import type { Connection, Moment, Side, StreamEvent } from '../capture/stream-event.ts'
import type { Field } from '../message/field.ts'
import type { Finding } from '../message/finding.ts'

/** Who speaks what on a connection: a protocol of docs/protocol.md, or the textbook's formats. */
export type Spoken =
  | 'calc/1'
  | 'directory/1'
  | 'peer-basic/1'
  | 'peer-dh/1'
  | 'peer-aes/1'
  | 'legacy-directory'
  | 'legacy-peer'

/** A frame inside a record that was opened. */
export interface InnerFrame {
  /** Its name in docs/protocol.md, such as `TEXT`; `type 0x99` for one that has none. */
  readonly name: string
  /** One line that says what it says. */
  readonly summary: string
  /** Its place in the plaintext of the record. */
  readonly at: number
  readonly bytes: Uint8Array
  /** Places count from the beginning of this frame. */
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
}

/** What a key opened: the identity of one side, or the batch of a record. */
export interface Plaintext {
  readonly bytes: Uint8Array
  /** Fields of the plaintext itself; places count from its beginning. */
  readonly fields: readonly Field[]
  readonly frames: readonly InnerFrame[]
}

/** One message of a connection and all that can be said about it. */
export interface SeenFrame {
  /** The packet that completed it. */
  readonly at: Moment
  readonly connection: Connection
  readonly from: Side
  readonly spoken: Spoken | null
  readonly name: string
  readonly summary: string
  /** As it crossed the wire, header included. */
  readonly bytes: Uint8Array
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  readonly plaintext: Plaintext | null
}

/** What is seen in a capture, in the order in which it is seen. */
export type Observation =
  /** A conversation of ours begins, or is recognised. */
  | {
      readonly kind: 'conversation'
      readonly at: Moment
      readonly connection: Connection
      readonly spoken: Spoken | null
    }
  | { readonly kind: 'frame'; readonly frame: SeenFrame }
  /** What is wrong with a connection as a whole, or (null) with the capture. */
  | { readonly kind: 'finding'; readonly at: Moment; readonly connection: Connection | null; readonly finding: Finding }
  /** Both directions are over. */
  | { readonly kind: 'end'; readonly at: Moment; readonly connection: Connection }

export type Deliver = (seen: Observation) => void

/** How one direction of a connection ended. */
export type DirectionEnd = Extract<StreamEvent, { kind: 'end' }>['how']

/** Follows one connection that was recognised, whatever is spoken on it. */
export interface Follower {
  bytes(at: Moment, from: Side, bytes: Uint8Array, deliver: Deliver): void
  /** `missing` bytes of a side are not in the capture. */
  gap(at: Moment, from: Side, missing: number, deliver: Deliver): void
  /** @param how each direction ended; null: the capture is over before the connection is */
  end(at: Moment, how: Readonly<Record<Side, DirectionEnd>> | null, deliver: Deliver): void
}
