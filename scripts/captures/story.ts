import type { HostName } from '@p2p-secure-chat/stage/hosts'

/** What a program must print before the story goes on: these fields with these values. */
export type Cue = Readonly<Record<string, string>>

/** One step. The next one begins when all cues have come: so the packets of a story keep their order. */
export type Step =
  | {
      readonly does: 'start'
      /** How the story calls this program from here on. */
      readonly who: string
      readonly on: HostName
      /** A module with a bin of this workspace. */
      readonly bin: string
      /** `{home}` stands for a folder of this program alone, `{keylog}` for the file of the key log. */
      readonly flags: readonly string[]
      readonly until: Cues
    }
  | { readonly does: 'enter'; readonly who: string; readonly lines: readonly string[]; readonly until: Cues }
  /** Its input ends, and it leaves. */
  | { readonly does: 'leave'; readonly who: string; readonly exitCode: number; readonly until: Cues }
  /** The system resets all connections of this machine to that one. */
  | { readonly does: 'reset'; readonly on: HostName; readonly to: HostName; readonly until: Cues }

/** Whose output must show what, in this order for each. */
export type Cues = Readonly<Record<string, readonly Cue[]>>

/** What is played for one capture. */
export interface Story {
  /** Name of the capture, without its extension. */
  readonly name: string
  /** Files that are there to be sent. */
  readonly files: Readonly<Record<string, string>>
  /** Whether somebody in it writes a key log, which belongs beside the capture then. */
  readonly keylog: boolean
  readonly steps: readonly Step[]
}
