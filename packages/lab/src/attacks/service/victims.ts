import { join } from 'node:path'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { CALCULATOR } from '@p2p-secure-chat/stage/programs'
import { type Refusal, type Resident, type Server, startServer, type Town } from '@p2p-secure-chat/stage/town'
import { CHAT_PROGRAMS, type FramedRung, PROGRAMS, type RungName } from '../../rungs.ts'
import type { Scene } from '../attack.ts'
import { isRefusal, part, say, sceneTown, tryToCall } from '../meeting.ts'

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

/** Bob, whose client shows him what a person sees. */
export async function bobAtTerminal({ folder, afterwards }: Scene, town: Town): Promise<Actor> {
  // A person would be asked for a passphrase for his key, so it is made before.
  const home = join(folder, 'home')
  const once = await town.settle('bob', { home })
  await once.finish()
  const flags = ['--name', 'bob', '--directory', formatAddress(town.directory), '--home', home]
  const bob = startActor(town.programs.client, flags, { atTerminal: true })
  afterwards(() => bob.stop())
  return bob
}

/** The codes for a lack of places, including those of a caller that is hung up on or left without an answer. */
const NO_PLACE: readonly string[] = ['too-many', 'busy', 'cut', 'timeout', 'no-answer']

/**
 * A client comes under that name, is served, and leaves.
 *
 * @returns null, or the code of why there was no place for them
 * @throws {Error} when they were not served for any other reason: that is no result
 */
export type Visit = (name: string) => Promise<string | null>

/** @returns the code @throws {Error} for one that has nothing to do with places: that is no result */
export function noPlace(name: string, code: string): string {
  if (!NO_PLACE.includes(code)) throw new Error(`${name} is not served, but not for want of a place: ${code}`)
  return code
}

/**
 * Carol comes before the attack does: were she turned away too, it would show nothing that alice is.
 *
 * @throws {Error} when she is
 */
export async function precede(visit: Visit): Promise<void> {
  const code = await visit('carol')
  if (code !== null) throw new Error(`there is no place for carol, before the attack begins: ${code}`)
}

/** A visitor of a calculator asks one question. */
export function visitCalculator({ afterwards }: Scene, { port }: Server): Visit {
  return async name => {
    const client = startActor(CALCULATOR.client, ['--port', String(port), '--json', '6 * 7'])
    afterwards(() => client.stop())
    const { event, code } = await client.next({ result: '42' }, 'error')
    await client.finish()
    return event === 'error' ? noPlace(name, String(code)) : null
  }
}

/** A visitor of the textbook's directory registers. */
export function visitTextbook({ afterwards }: Scene, server: Server): Visit {
  return async name => {
    const flags = ['--json', '--directory', formatAddress(server), '--name', name, '--step', 'plain']
    const client = startActor(CHAT_PROGRAMS['textbook-dh'].client, flags)
    afterwards(() => client.stop())
    const { event, code } = await client.next('ready', 'error')
    await client.finish()
    return event === 'error' ? noPlace(name, String(code)) : null
  }
}

/** A client registers, and stays. @throws {Error} if it is refused for anything but a lack of places */
export async function arrive(town: Pick<Town, 'tryToSettle'>, name: string): Promise<Resident | Refusal> {
  const arrival = await town.tryToSettle(name)
  return isRefusal(arrival) ? { refused: noPlace(name, arrival.refused) } : arrival
}

/** A visitor of a town registers, calls bob, who accepts every call, and tells him something. */
export function visitBob(town: Town, bob: Resident): Visit {
  return async name => {
    const newcomer = await arrive(town, name)
    if (isRefusal(newcomer)) return newcomer.refused
    const answer = await tryToCall(newcomer, 'bob', NO_PLACE)
    if (isRefusal(answer)) return answer.refused
    await bob.next('open')
    await say(newcomer, bob, `It is me, ${name}.`)
    await part(newcomer, bob)
    await newcomer.finish()
    return null
  }
}
