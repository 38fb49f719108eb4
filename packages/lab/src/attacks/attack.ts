import type { TapSocket } from '@p2p-secure-chat/core/net/socket-channel'
import type { RungName } from '../rungs.ts'

/** Where mallory sits. */
export const POSITIONS = ['sniffer', 'man in the middle', 'directory', 'peer', 'thief'] as const

export type Position = (typeof POSITIONS)[number]

/** Mallory reached her goal; or was noticed or gained nothing; or learned something, though not what was said. */
export const RESULTS = ['broken', 'resisted', 'leaks'] as const

export type Result = (typeof RESULTS)[number]

/** A result, and one line of what was observed that shows it. */
export interface Outcome {
  readonly result: Result
  /** One printable line: what was seen on whose screen, or which code reported it; never an opinion. */
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

/** What an attack plays in. It lasts as long as the play, and everything opened in it ends with it. */
export interface Scene {
  /** An empty folder. */
  readonly folder: string
  /** Reports one step to the audience, in words for a second-year student, with the bytes that matter. */
  tell(words: string, ...shown: readonly ShownBytes[]): void
  /** Sees what crosses mallory's sockets. Every path and server of hers is opened with it. */
  readonly tap: TapSocket | undefined
  /** Runs when the play is over, however it ended; the last one first. */
  afterwards(clean: () => void | Promise<void>): void
}

/** One attack as it is played against a rung. @throws {Error} if the play fails to run as scripted; that counts as no result */
export type Play = (scene: Scene) => Promise<Outcome>

/** The plays of an attack, one for each rung on which there is something to attack. */
export interface Plays extends Readonly<Partial<Record<RungName, Play>>> {
  /** Set if the plays wait for deadlines of their victims. The matrix starts those first. */
  readonly patient?: true
}

/** The result we claim for an attack on a rung, and the play that shows it. */
export interface Claim {
  readonly result: Result
  readonly play: Play
}

/** Why an attack has no meaning on a rung. */
export interface NotApplicable {
  readonly result: 'n/a'
  readonly reason: string
}

/** An attack: what mallory tries, and the outcome on every rung. The texts stand in `attacks/*.md`. */
export interface Attack {
  /** As on the command line. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  readonly position: Position
  /** What mallory wants, in one sentence. If she gets it, the rung is broken. */
  readonly goal: string
  /** A question for students before the play, to be answered with a result. */
  readonly question: string
  /** Why the attack works, what stops it and where to read more: some short paragraphs. */
  readonly lesson: string
  /** See Plays. */
  readonly patient?: true
  readonly against: Readonly<Record<RungName, Claim | NotApplicable>>
}

/** Attacks on one thing, in the order in which they are taught. */
export interface Family {
  /** As the file with its texts is called. */
  readonly name: string
  /** As a heading. */
  readonly title: string
  readonly attacks: readonly Attack[]
}

/** She reached her goal. */
export const broken = (evidence: string): Outcome => ({ result: 'broken', evidence })

/** The victim noticed, or she gained nothing and the conversation held. */
export const resisted = (evidence: string): Outcome => ({ result: 'resisted', evidence })

/** She learnt something, though not what was said. */
export const leaks = (evidence: string): Outcome => ({ result: 'leaks', evidence })
