import { type Server, startServer } from '@p2p-secure-chat/stage/server'
import { type FramedRung, PROGRAMS, type RungName } from '../../rungs.ts'
import type { Resident, Town } from '@p2p-secure-chat/stage/town'
import type { Scene } from '../attack.ts'
import { sceneTown } from '../meeting.ts'

/** A directory, and bob who takes calls: what mallory would put out of service. */
export interface ChatVictims {
  readonly server: Server
  readonly town: Town
  readonly bob: Resident
}

/** The server of a rung, which ends with the scene. */
export async function sceneServer({ afterwards }: Scene, rung: RungName): Promise<Server> {
  const server = await startServer(PROGRAMS[rung])
  afterwards(() => server.process.stop())
  return server
}

/** Bob is online, under further flags of his client; all ends with the scene. */
export async function chatVictims(scene: Scene, rung: FramedRung, flags: readonly string[] = []): Promise<ChatVictims> {
  const server = await sceneServer(scene, rung)
  const town = await sceneTown(scene, rung, server)
  return { server, town, bob: await town.settle('bob', { flags }) }
}
