import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import { type Tamper, openPath, pass, type Path } from '@p2p-secure-chat/stage/path'
import { CALCULATOR_PROGRAMS } from '@p2p-secure-chat/stage/programs'
import {
  openTestbed,
  type Refusal,
  type TestClient,
  type ServerProcess,
  startServerProcess,
  type Testbed,
} from '@p2p-secure-chat/stage/testbed'
import type { Event } from '@p2p-secure-chat/stage/transcript'
import { CHAT_PROGRAMS, type ChatRung, isTextbook } from '../rungs.ts'
import type { Scene } from './attack.ts'

/** What alice or bob says, and nobody else is meant to know. */
export const SECRET = 'The spare key is under the blue pot.'

/** Alice and bob at one rung, with mallory on the path between them. */
export interface BothOnline {
  readonly testbed: Testbed
  readonly alice: TestClient
  readonly bob: TestClient
  /** The way from alice, who dials, to bob, who listens. */
  readonly path: Path
}

/** A path in the hands of mallory: frames where the rung has some, else segments. It ends with the scene. */
export async function mallorysPath({ tap, afterwards }: Scene, rung: ChatRung): Promise<Path> {
  const path = await openPath({ unit: isTextbook(rung) ? 'segment' : 'frame', tap })
  afterwards(() => path.stop())
  return path
}

/** A town that ends with the scene. @param directory one that is there already; see openTestbed */
export async function sceneTestbed(
  { folder, afterwards }: Scene,
  rung: ChatRung,
  directory?: Address,
): Promise<Testbed> {
  const testbed = await openTestbed(CHAT_PROGRAMS[rung], folder, directory)
  afterwards(() => testbed.close())
  return testbed
}

/**
 * Alice and bob are online, and do not talk yet; her calls will cross mallory's path.
 *
 * @param flags further flags of both clients
 */
export async function startBoth(scene: Scene, rung: ChatRung, flags: readonly string[] = []): Promise<BothOnline> {
  const [testbed, path] = await Promise.all([sceneTestbed(scene, rung), mallorysPath(scene, rung)])
  const [alice, bob] = await Promise.all([
    testbed.startClient('alice', { flags }),
    testbed.startClient('bob', { behind: path, flags }),
  ])
  return { testbed, alice, bob, path }
}

/** Alice calls bob over the path, and both see that the conversation is open. */
export async function openConversation(scene: Scene, rung: ChatRung, tamper: Tamper = pass): Promise<BothOnline> {
  const meeting = await startBoth(scene, rung)
  meeting.path.setTamper(tamper)
  await callAndAccept(meeting.alice, meeting.bob)
  return meeting
}

/** One says a text, and waits until it is on the other's screen. */
export async function say(speaker: TestClient, hearer: TestClient, text: string): Promise<void> {
  speaker.say(text)
  await hearer.next({ event: 'message', direction: 'in', text })
}

/**
 * A caller calls, and the callee accepts.
 *
 * @returns the event on the callee's screen as the conversation opens
 */
export async function callAndAccept(caller: TestClient, called: TestClient): Promise<Event> {
  caller.call(called.name)
  const [, seen] = await Promise.all([caller.next('open'), called.next('open')])
  return seen
}

/**
 * A caller calls, and their client may refuse the peer that answers.
 *
 * @param whom a name, or an invite
 * @param refusals the codes that say that it has noticed something
 * @returns what the caller's screen says as the conversation opens, or the code with which the client ends the call
 * @throws {Error} when the call fails for another reason: then it is not the attack that failed
 */
export async function tryToCall(
  caller: TestClient,
  whom: string,
  refusals: readonly string[],
): Promise<Event | Refusal> {
  caller.call(whom)
  const answer = await caller.next('open', 'closed')
  if (answer.event === 'open') return answer
  const code = String(answer.code)
  if (!refusals.includes(code)) throw new Error(`the call of ${caller.name} ended with ${code}`)
  return { refused: code }
}

/** Whether a call or a registration was refused. */
export function isRefusal(answer: object): answer is Refusal {
  return 'refused' in answer
}

/**
 * Mallory leaves the path alone, and alice tells bob something. If that works, an earlier failure was mallory's doing.
 *
 * @returns what bob's screen says as the conversation opens
 */
export async function controlCall({ alice, bob, path }: BothOnline, text: string): Promise<Event> {
  path.setTamper(pass)
  const seenByBob = await callAndAccept(alice, bob)
  await say(alice, bob, text)
  return seenByBob
}

/** They talk and part. On rungs with keys, each remembers the other's from then on. */
export async function talkOnce(alice: TestClient, peer: TestClient): Promise<void> {
  await callAndAccept(alice, peer)
  await say(alice, peer, `Hello ${peer.name}, it is me.`)
  await part(alice, peer)
}

/** One leaves cleanly, and both see that the conversation is over. */
export async function part(leaving: TestClient, other: TestClient): Promise<void> {
  leaving.leave()
  await Promise.all([leaving.next('closed'), other.next('closed')])
}

/** All texts of others on a client's screen. */
export function textsSeenBy({ events }: TestClient): string[] {
  return events.flatMap(({ event, direction, text }) =>
    event === 'message' && direction === 'in' ? [String(text)] : [],
  )
}

/** Alice at a calculator's client, and the way from her to the calculator. */
export interface Calculation {
  readonly alice: Actor
  readonly server: ServerProcess
  readonly path: Path
}

/** Alice's client asks a calculator all that there is to ask, over mallory's path, and leaves. */
export async function askCalculator(
  { tap, afterwards }: Scene,
  expressions: readonly string[],
  tamper: Tamper = pass,
): Promise<Calculation> {
  const path = await openPath({ tap })
  afterwards(() => path.stop())
  path.setTamper(tamper)
  const server = await startServerProcess(CALCULATOR_PROGRAMS)
  afterwards(() => server.process.stop())
  path.forwardTo(server)

  const flags = ['--port', String(path.port), '--json']
  const alice = startActor(CALCULATOR_PROGRAMS.client, [...flags, ...expressions])
  afterwards(() => alice.stop())
  return { alice, server, path }
}
