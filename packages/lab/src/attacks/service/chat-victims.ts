import { type Server, startServer } from '../../stage/server.ts'
import type { FramedRung, RungName } from '../../stage/rungs.ts'
import type { Resident, Town } from '../../stage/town.ts'
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
  const server = await startServer(rung)
  afterwards(() => server.process.stop())
  return server
}

/** Bob is online, under further flags of his client; all ends with the scene. */
export async function chatVictims(scene: Scene, rung: FramedRung, flags: readonly string[] = []): Promise<ChatVictims> {
  const server = await sceneServer(scene, rung)
  const town = await sceneTown(scene, rung, server)
  return { server, town, bob: await town.settle('bob', { flags }) }
}
