import { join } from 'node:path'
import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { CALCULATOR_PROGRAMS } from '@p2p-secure-chat/stage/programs'
import {
  type Refusal,
  type TestClient,
  type ServerProcess,
  startServerProcess,
  type Testbed,
} from '@p2p-secure-chat/stage/testbed'
import { CHAT_PROGRAMS, type FramedRung, PROGRAMS, type RungName } from '../../rungs.ts'
import type { Scene } from '../attack.ts'
import { isRefusal, part, say, sceneTestbed, tryToCall } from '../both-online.ts'

/** A directory, and bob who takes calls: what mallory would put out of service. */
export interface ChatVictims {
  readonly server: ServerProcess
  readonly testbed: Testbed
  readonly bob: TestClient
}

/** The server of a rung, which ends with the scene. */
export async function sceneServer({ afterwards }: Scene, rung: RungName): Promise<ServerProcess> {
  const server = await startServerProcess(PROGRAMS[rung])
  afterwards(() => server.process.stop())
  return server
}

/** Bob is online, under further flags of his client; all ends with the scene. */
export async function chatVictims(scene: Scene, rung: FramedRung, flags: readonly string[] = []): Promise<ChatVictims> {
  const server = await sceneServer(scene, rung)
  const testbed = await sceneTestbed(scene, rung, server)
  return { server, testbed, bob: await testbed.startClient('bob', { flags }) }
}

/** Bob, whose client shows him what a person sees. */
export async function bobAtTerminal({ folder, afterwards }: Scene, testbed: Testbed): Promise<Actor> {
  // A person would be asked for a passphrase for his key, so it is made before.
  const home = join(folder, 'home')
  const once = await testbed.startClient('bob', { home })
  await once.finish()
  const flags = ['--name', 'bob', '--directory', formatAddress(testbed.directory), '--home', home]
  const bob = startActor(testbed.programs.client, flags, { atTerminal: true })
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
export type VictimVisit = (name: string) => Promise<string | null>

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
export async function precede(visit: VictimVisit): Promise<void> {
  const code = await visit('carol')
  if (code !== null) throw new Error(`there is no place for carol, before the attack begins: ${code}`)
}

/** A visitor of a calculator asks one question. */
export function visitCalculator({ afterwards }: Scene, { port }: ServerProcess): VictimVisit {
  return async name => {
    const client = startActor(CALCULATOR_PROGRAMS.client, ['--port', String(port), '--json', '6 * 7'])
    afterwards(() => client.stop())
    const { event, code } = await client.next({ result: '42' }, 'error')
    await client.finish()
    return event === 'error' ? noPlace(name, String(code)) : null
  }
}

/** A visitor of the textbook's directory registers. */
export function visitTextbook({ afterwards }: Scene, server: ServerProcess): VictimVisit {
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
export async function arrive(testbed: Pick<Testbed, 'tryToStartClient'>, name: string): Promise<TestClient | Refusal> {
  const arrival = await testbed.tryToStartClient(name)
  return isRefusal(arrival) ? { refused: noPlace(name, arrival.refused) } : arrival
}

/** A visitor of a town registers, calls bob, who accepts every call, and tells him something. */
export function visitBob(testbed: Testbed, bob: TestClient): VictimVisit {
  return async name => {
    const newcomer = await arrive(testbed, name)
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
