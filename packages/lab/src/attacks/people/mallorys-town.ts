import { join } from 'node:path'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { ChatRung } from '../../rungs.ts'
import type { Resident, Town } from '@p2p-secure-chat/stage/town'
import type { Scene } from '../attack.ts'
import { sceneTown } from '../meeting.ts'
import { type LyingDirectory, startLyingDirectory } from './lying-directory.ts'

/** A directory that lies, and the town that believes it. */
export interface LyingTown {
  readonly town: Town
  readonly directory: LyingDirectory
}

/** A town whose directory is in the hands of mallory; it ends with the scene. */
export async function lyingTown(scene: Scene, rung: ChatRung): Promise<LyingTown> {
  const directory = await startLyingDirectory(rung, scene.tap)
  scene.afterwards(() => directory.stop())
  return { town: await sceneTown(scene, rung, directory), directory }
}

/** Mallory, under whatever names she likes. */
export interface Mallory {
  /** Starts a real client of hers that takes calls under this name, with a key of her own where the rung has keys. */
  answerAs(name: string): Promise<Resident>
  /** Starts a client of hers under this name that calls somebody wherever they are. */
  callAs(name: string, peer: string, address: Address): Promise<Resident>
}

/** A directory of her own, which nobody else knows, takes her under any name. Her keys lie in a folder of her own. */
export async function malloryIn(scene: Scene, rung: ChatRung): Promise<Mallory> {
  const { town, directory } = await lyingTown({ ...scene, folder: join(scene.folder, 'mallory') }, rung)
  return {
    answerAs: name => town.settle(name),
    callAs(name, peer, address) {
      directory.lie(peer, address)
      return town.settle(name, { to: peer })
    },
  }
}
