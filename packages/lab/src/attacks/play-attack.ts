import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { atExit, makeTemporaryFolder } from '@p2p-secure-chat/stage/leftovers'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { stretched } from '@p2p-secure-chat/stage/busy'
import type { Claim, Outcome, Scene } from './attack.ts'

/** How long one play may take, in milliseconds on a quiet machine: some wait for the deadlines of their victims, the longest 10 s. */
const PLAY_DEADLINE = 60_000

/** How long one thing that was opened for a play may take to end, in milliseconds on a quiet machine: programs have 2 s to say goodbye. */
const CLEANING_DEADLINE = 10_000

/** The audience of a play. */
export type Audience = Pick<Scene, 'tell' | 'tap'>

/** No audience: only the outcome counts. */
export const NOBODY: Audience = { tell: () => undefined, tap: undefined }

type Clean = () => void | Promise<void>

/**
 * Plays an attack against a rung.
 *
 * @throws {Error} if the play fails to run as scripted, does not end in time or leaves something behind; then there is no
 *   result
 */
export const playAttack = ({ play }: Claim, audience?: Audience): Promise<Outcome> => inScene(play, audience)

/**
 * Runs a play in a folder of its own, and ends everything that was started for it, even if one of these does not end as
 * it should.
 *
 * @throws {Error} as playAttack()
 */
export async function inScene<T>(play: (scene: Scene) => Promise<T>, audience: Audience = NOBODY): Promise<T> {
  // Synchronous: if the program ended in between, nothing would remove the folder.
  const folder = makeTemporaryFolder('p2p-secure-chat-')
  const isRemoved = atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const cleaning: Clean[] = []
  let over = false
  const scene: Scene = {
    ...audience,
    folder,
    afterwards(clean) {
      if (!over) return void cleaning.push(clean)
      // A play that was given up does not know it, and goes on for a while.
      void attemptAll([clean])
    },
  }
  let outcome: T
  let faults: unknown[] = []
  try {
    outcome = await withDeadline(play(scene), stretched(PLAY_DEADLINE), 'the outcome')
  } finally {
    over = true
    faults = await attemptAll(cleaning.toReversed())
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    isRemoved()
  }
  if (faults.length > 0) throw faults[0]
  return outcome
}

/** Runs all in turn, even after a failure. @returns the errors */
async function attemptAll(cleaning: readonly Clean[]): Promise<unknown[]> {
  const faults: unknown[] = []
  for (const clean of cleaning) {
    const attempt = async () => clean()
    await withDeadline(attempt(), stretched(CLEANING_DEADLINE), 'the end of what was opened').catch(fault =>
      faults.push(fault),
    )
  }
  return faults
}
