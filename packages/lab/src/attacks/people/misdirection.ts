import type { ChatRung } from '../../rungs.ts'
import type { Resident } from '@p2p-secure-chat/stage/town'
import type { Scene } from '../attack.ts'
import { befriend } from '../meeting.ts'
import { type LyingTown, lyingTown, malloryIn } from './mallorys-town.ts'

/** Alice, friends with bob, at a directory that will lie to her; and mallory, who answers as bob elsewhere. */
export interface Misdirection extends LyingTown {
  readonly alice: Resident
  readonly bob: Resident
  readonly mallory: Resident
}

export async function prepareMisdirection(scene: Scene, rung: ChatRung): Promise<Misdirection> {
  const [{ town, directory }, mallory] = await Promise.all([
    lyingTown(scene, rung),
    malloryIn(scene, rung).then(hers => hers.answerAs('bob')),
  ])
  const [alice, bob] = await Promise.all([town.settle('alice'), town.settle('bob')])
  scene.tell('Alice and bob have talked before. So far the directory has told the truth.')
  await befriend(alice, bob)
  return { town, directory, alice, bob, mallory }
}
