import type { Side } from '../capture/stream-event.ts'
import type { Spoken } from '../dissect/observation.ts'
import type { FindingCode, Severity } from '../message/finding.ts'
import type { Explanation } from './lessons.ts'

/**
 * Who looks at the capture: somebody on the path, or somebody who has the key log as well. Each has dissected it on its
 * own, so what the eavesdropper is shown cannot come from a key.
 */
export type Viewer = 'eavesdropper' | 'keyHolder'

/** A run of bytes, base64; the bytes of a large message come as its beginning and its end. */
interface Piece {
  readonly at: number
  readonly data: string
}

/** Bytes to be looked at one by one: those of a message on the wire, or those that a key opened. */
export interface Layer {
  readonly size: number
  readonly pieces: readonly Piece[]
  readonly fields: readonly PageField[]
  /** Of all that follows the header, in bits per byte. */
  readonly entropy: number
  /** How many bytes that is. */
  readonly measured: number
  /** What as many random bytes show on average. */
  readonly expected: number
}

export interface PageField {
  readonly name: string
  readonly title: string
  readonly value: string
  /** First byte and number of bytes; null where it was computed. */
  readonly place: readonly [at: number, length: number] | null
  /** Its place in PageData.lessons. */
  readonly lesson: number
}

export interface PageFinding {
  readonly code: FindingCode
  readonly detail: string | null
}

/** What one viewer makes of a message. */
export interface View {
  readonly summary: string
  /** `open`: it can be read as it crossed the wire; `sealed`: it cannot; `opened`: it could with a key. */
  readonly state: 'open' | 'sealed' | 'opened'
  readonly findings: readonly PageFinding[]
  readonly wire: Layer
  readonly plaintext: Layer | null
  /** The frames inside the plaintext. */
  readonly frames: readonly InnerFrame[]
}

interface InnerFrame {
  readonly name: string
  readonly summary: string
  readonly at: number
  readonly size: number
}

export interface PageMessage {
  readonly name: string
  readonly packet: number
  /** Milliseconds since the first packet of the capture; null where the capture does not say. */
  readonly time: number | null
  readonly conversation: number
  readonly side: Side
  readonly eavesdropper: View
  /** Null where a key log adds nothing. */
  keyHolder: View | null
}

/** A life line of the ladder. */
export interface Lane {
  readonly address: string
  /** What each viewer calls it: a name that somebody claimed, or what it is. */
  readonly names: Readonly<Record<Viewer, string | null>>
}

export interface ConversationData {
  readonly number: number
  /** Places in PageData.lanes. */
  readonly dialler: number
  readonly listener: number
  readonly spoken: Spoken | null
  /** What somebody learns who has no key. */
  readonly leaks: Leaks
}

export interface Leaks {
  readonly facts: readonly string[]
  /** The most frequent sizes of records on the wire, and what they are compatible with. */
  readonly sizes: readonly { readonly size: number; readonly count: number; readonly means: string }[]
}

/** A finding on a connection or the capture as a whole. */
export interface LooseFinding extends PageFinding {
  readonly packet: number
  /** Null: of the capture as a whole. */
  readonly conversation: number | null
}

/** All that the scripts of the page read. */
export interface PageData {
  readonly file: string
  readonly packets: number
  /** ISO 8601 with milliseconds, UTC; null where the capture does not say. */
  readonly from: string | null
  readonly to: string | null
  /** Whether a key opened anything. */
  readonly withKeys: boolean
  readonly messages: readonly PageMessage[]
  /** Messages that the page does not have because there are too many. */
  readonly leftOut: number
  readonly lanes: readonly Lane[]
  readonly conversations: readonly ConversationData[]
  readonly loose: Readonly<Record<Viewer, readonly LooseFinding[]>>
  /** What each code means, most severe first. */
  readonly findings: readonly { readonly code: string; readonly severity: Severity; readonly text: string }[]
  readonly lessons: readonly Explanation[]
  /** What to say of bytes that belong to no field. */
  readonly syntax: number
  /** The entropy of random bytes by their number. */
  readonly expectation: readonly (readonly [size: number, entropy: number])[]
}
