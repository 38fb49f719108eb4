import type { Moment, Side, StreamEvent } from '../capture/stream-event.ts'
import type { Observation } from './observation.ts'

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
