import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProgramName, programFile } from '@p2p-secure-chat/core/installation'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { type HostName, HOSTS } from '@p2p-secure-chat/stage/own-network'
import type { ThreeHosts } from './three-hosts.ts'

/** What a program must print before the story goes on: these fields with these values. */
export type Cue = Readonly<Record<string, string>>

/** One step. The next one begins when all cues have come: so the packets of a story keep their order. */
export type Step =
  | {
      readonly does: 'start'
      /** How the story calls this program from here on. */
      readonly who: string
      readonly on: HostName
      readonly program: ProgramName
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
  /** Whether a client in it writes a key log, which then belongs beside the capture. */
  readonly keylog: boolean
  readonly steps: readonly Step[]
}

export interface Stage {
  readonly hosts: ThreeHosts
  /** An empty folder for all that the programs keep. */
  readonly folder: string
  /** Where a key log goes, if the story has one. */
  readonly keylog: string
  /** Ends the play. */
  readonly signal: AbortSignal
}

/**
 * Plays a story with real programs on the three hosts. All of them end with it, whatever happens.
 *
 * @throws {Error} when something does not go as the story says; the signal's reason
 */
export async function playStory(story: Story, { hosts, folder, keylog, signal }: Stage): Promise<void> {
  const actors = new Map<string, Actor>()

  function actor(who: string): Actor {
    const found = actors.get(who)
    if (found === undefined) throw new Error(`nobody is called ${who}`)
    return found
  }

  async function take(step: Step): Promise<void> {
    switch (step.does) {
      case 'start': {
        const home = join(folder, step.who)
        await mkdir(home, { recursive: true })
        const flags = step.flags.map(flag => flag.replace('{home}', home).replace('{keylog}', keylog))
        actors.set(step.who, startActor(programFile(step.program), flags, { within: hosts.on(step.on), cwd: folder }))
        break
      }
      case 'enter':
        actor(step.who).say(step.lines.join('\n'))
        break
      case 'leave': {
        const code = await actor(step.who).finish()
        if (code !== step.exitCode) throw new Error(`${step.who} ended with exit code ${code}, not ${step.exitCode}`)
        break
      }
      case 'reset':
        hosts.run(step.on, 'ss', '--kill', '--tcp', 'dst', HOSTS[step.to].address)
        break
    }
    await Promise.all(Object.entries(step.until).map(([who, cues]) => hear(actor(who), cues)))
  }

  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
  })
  // It may come while no step waits for it.
  stopped.catch(() => undefined)
  try {
    signal.throwIfAborted()
    for (const [name, content] of Object.entries(story.files)) await writeFile(join(folder, name), content)
    for (const step of story.steps) await Promise.race([take(step), stopped])
  } finally {
    for (const one of [...actors.values()].toReversed()) await one.stop()
  }
}

async function hear(actor: Actor, cues: Cues[string]): Promise<void> {
  for (const cue of cues) await actor.next(cue)
}
