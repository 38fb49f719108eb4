import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { RungName } from '../rungs.ts'

/** Where mallory sits. */
export type Position = 'sniffer' | 'man in the middle' | 'directory' | 'peer' | 'thief'

/** What came of an attack: she reached her goal; she did not, and was noticed or gained nothing; she learnt something. */
export type Result = 'broken' | 'resisted' | 'leaks'

/** A result, and one line of what was observed that shows it. */
export interface Outcome {
  readonly result: Result
  /** One printable line: what was seen on whose screen, or which code told of it; never an opinion. */
  readonly evidence: string
}

/** Some of the bytes that are shown, and what they are. */
export interface Mark {
  /** First and past-the-last byte. */
  readonly from: number
  readonly to: number
  readonly meaning: string
}

/** Bytes that matter at a step. */
export interface ShownBytes {
  /** Such as "the record of alice", "what bob gets". */
  readonly label: string
  readonly bytes: Uint8Array
  readonly marks?: readonly Mark[]
}

/** What an attack plays in: it lasts as long as the play, and all that was opened in it ends with it. */
export interface Scene {
  /** An empty folder. */
  readonly folder: string
  /** Tells one step to whoever watches, in words that a second-year student follows, with the bytes that matter. */
  tell(words: string, ...shown: readonly ShownBytes[]): void
  /** Is shown what crosses mallory's sockets: every path and server of hers is opened with it. */
  readonly tap: TapSocket | undefined
  /** Runs when the play is over, however it ended; the last one first. */
  afterwards(clean: () => void | Promise<void>): void
}

/** One attack as it is played against a rung. @throws {Error} when the play does not go as it must: that is no result */
export type Play = (scene: Scene) => Promise<Outcome>

/** What we say comes of an attack on a rung, and the play that shows it. */
export interface Claim {
  readonly result: Result
  readonly play: Play
}

/** Why an attack has no meaning on a rung. */
export interface NotApplicable {
  readonly result: 'n/a'
  readonly reason: string
}

/** An attack: what mallory tries, and how it goes on every rung. */
export interface Attack {
  /** As on the command line, and as the file is called. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  readonly position: Position
  /** What mallory wants, in one sentence; where she gets it the rung is broken. */
  readonly goal: string
  /** What a student is asked before they see it, to be answered with a result. */
  readonly question: string
  /** Why it works where it works, what stops it where it does not, and where to read more: some short paragraphs. */
  readonly lesson: string
  /** Whether its plays wait for deadlines of their victims: where many are played, they begin first. */
  readonly patient?: true
  readonly against: Readonly<Record<RungName, Claim | NotApplicable>>
}

/** Attacks on one thing, in the order in which they are taught. */
export interface Family {
  /** As a heading. */
  readonly title: string
  readonly attacks: readonly Attack[]
}

export const claim = (result: Result, play: Play): Claim => ({ result, play })

export const notApplicable = (reason: string): NotApplicable => ({ result: 'n/a', reason })

/** She reached her goal. */
export const broken = (evidence: string): Outcome => ({ result: 'broken', evidence })

/** The victim noticed, or she gained nothing and the conversation held. */
export const resisted = (evidence: string): Outcome => ({ result: 'resisted', evidence })

/** She learnt something, though not what was said. */
export const leaks = (evidence: string): Outcome => ({ result: 'leaks', evidence })
