import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Claim, Outcome, Scene } from './attack.ts'

/** How long one play may take, in milliseconds: some wait for the deadlines of their victims, the longest 10 s. */
const PLAY_DEADLINE = 60_000

/** Who watches a play. */
export type Audience = Pick<Scene, 'tell' | 'tap'>

/** Nobody watches: only the outcome counts. */
export const NOBODY: Audience = { tell: () => undefined, tap: undefined }

/**
 * Plays an attack against a rung, in a folder of its own, and ends all that was started for it.
 *
 * @throws {Error} when the play did not go as it must, or did not end in time: then there is no result
 */
export async function playAttack({ play }: Claim, audience: Audience = NOBODY): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'p2p-secure-chat-'))
  const cleaning: (() => void | Promise<void>)[] = []
  const scene: Scene = { ...audience, folder, afterwards: clean => void cleaning.push(clean) }
  try {
    return await withDeadline(play(scene), PLAY_DEADLINE, 'the outcome')
  } finally {
    for (const clean of cleaning.toReversed()) await clean()
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
