import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { CALL, NAME } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { ERROR, HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { messageOf } from '@p2p-secure-chat/dissector/message/read-message'
import { missedCue } from '@p2p-secure-chat/stage/busy'
import { startActor } from '@p2p-secure-chat/stage/actor'
import { CALCULATOR_PROGRAMS } from '@p2p-secure-chat/stage/programs'
import { dialRaw, type RawClient } from '@p2p-secure-chat/stage/raw-client'
import { type FramedRung, protocolOf, type TextbookRung } from '../../rungs.ts'
import type { Refusal, TestClient, Testbed } from '@p2p-secure-chat/stage/testbed'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { isRefusal, part, say } from '../both-online.ts'
import { arrive, chatVictims, precede, sceneServer, visitCalculator, visitTextbook } from './victims.ts'
import { visitDirectory } from './directory-visitor.ts'
import { MALLORYS_ADDRESS, strangersOffer } from './hostile-peer.ts'

/** Connections to the calculator: more than the 1,000 clients that it serves. */
const TO_CALCULATOR = 1_100

/** How many of these mallory opens at once: a calculator hears out no more from one address that have not said hello. */
const AT_ONCE = 16

/** Names that mallory takes at the directory. A directory does not count connections from its own machine. */
const NAMES = 150

/** Calls of mallory's, all at once. */
const CALLS = 300

/** Connections to the textbook's directory, which has 16 places. */
const TO_TEXTBOOK = 40

export const flood: Plays = {
  calc: floodCalculator,
  basic: floodChat('basic'),
  'textbook-dh': floodTextbook('textbook-dh'),
  'textbook-aes': floodTextbook('textbook-aes'),
  dh: floodChat('dh'),
  aes: floodChat('aes'),
}

/** Connects many times at once from an address of her own, says something each time, and holds what is held. */
async function pour(
  { tap, afterwards }: Scene,
  address: Address,
  times: number,
  wordsOf: (i: number) => Uint8Array,
): Promise<RawClient[]> {
  const dialled = Array.from({ length: times }, () => dialRaw(address, { tap, from: MALLORYS_ADDRESS }))
  const connections = await Promise.all(dialled)
  for (const [i, connection] of connections.entries()) {
    afterwards(() => connection.destroy())
    void connection.write(wordsOf(i))
  }
  return connections
}

/** How connections ended. */
interface Tally {
  readonly taken: number
  /** Told so in an ERROR, or closed unheard. */
  readonly refused: number
  /** Of the first ERROR; null where there was none. */
  readonly code: string | null
}

/** Every program of ours speaks first: with a hello, or with an ERROR in its place. */
async function tally(connections: readonly RawClient[]): Promise<Tally> {
  const firsts = await Promise.all(connections.map(connection => connection.firstBytes()))
  const types = firsts.map(bytes => (bytes === null ? null : messageOf(bytes).type))
  const taken = types.filter(type => type === HELLO.type).length
  const told = connections[types.indexOf(ERROR.type)]
  return { taken, refused: connections.length - taken, code: (await told?.errorCode()) ?? null }
}

async function floodCalculator(scene: Scene): Promise<Outcome> {
  const server = await sceneServer(scene, 'calc')
  const visit = visitCalculator(scene, server)
  await precede(visit)
  const carol = startActor(CALCULATOR_PROGRAMS.client, ['--port', String(server.port), '--json'])
  scene.afterwards(() => carol.stop())
  carol.say('1 + 1')
  await carol.next({ result: '2' })
  const hello = encodeFrame(HELLO.message({ protocol: 'calc/1' }))
  const connections: RawClient[] = []
  while (connections.length < TO_CALCULATOR) {
    const poured = await pour(scene, server, AT_ONCE, () => hello)
    connections.push(...poured)
    // Those that are taken make room for the next ones with their hello.
    await tally(poured)
  }
  const { taken, refused, code } = await tally(connections)
  scene.tell(
    `Of ${connections.length} connections with this hello ${taken} are taken and ${refused} refused (${code}, or closed unheard).`,
    { label: 'each time', bytes: hello },
  )
  carol.say('2 + 2')
  await carol.next({ result: '4' })
  scene.tell('Carol, who came before the flood, is still answered. Now alice comes.')
  const refusal = await visit('alice')
  if (refusal !== null) {
    return broken(
      `mallory has ${taken} places and alice, who comes later, none (${refusal}); carol, who came first, is answered`,
    )
  }
  return resisted(`alice and carol are answered beside ${taken} connections of mallory's; ${refused} are refused`)
}

function floodTextbook(rung: TextbookRung): Play {
  return async scene => {
    const server = await sceneServer(scene, rung)
    const visit = visitTextbook(scene, server)
    await precede(visit)
    const connections = await Promise.all(
      (await pour(scene, server, TO_TEXTBOOK, () => new Uint8Array())).map(raw => raw.firstBytes()),
    )
    const taken = connections.filter(prompt => prompt !== null).length
    scene.tell(`The directory asks ${taken} of ${TO_TEXTBOOK} connections for their name, and hangs up on the others.`)
    const refusal = await visit('alice')
    if (refusal === null) return resisted(`alice is registered beside ${taken} connections of mallory's`)
    return broken(`mallory has ${taken} places and alice, who comes later, none (${refusal})`)
  }
}

function floodChat(rung: FramedRung): Play {
  return async scene => {
    // As at a terminal: each call rings, and waits for a person.
    const { server, testbed, bob } = await chatVictims(scene, rung, ['--accept', 'ask'])
    const carol = await comeToTalk(testbed, 'carol', bob)
    if (isRefusal(carol)) throw new Error(`there is no place for carol, before the attack begins: ${carol.refused}`)
    await part(carol, bob)
    const names = await takeNames(scene, rung, server)
    scene.tell(
      `Mallory registers under ${NAMES} names. The directory takes ${names} of them: it does not count connections from its own machine.`,
    )
    const alice = await comeToTalk(testbed, 'alice', bob)
    if (isRefusal(alice)) return broken(`alice finds no place (${alice.refused}) beside ${names} names of mallory's`)

    const wordsOf = openingOf(rung)
    scene.tell(`Alice comes, and talks with bob. Now mallory calls him ${CALLS} times at once, in these words:`, {
      label: 'the first call',
      bytes: wordsOf(0),
    })
    const said = performance.now()
    const calls = await pour(scene, bob.address, CALLS, wordsOf)
    const { taken, refused, code } = await tally(calls)
    if (refused > 0 && code === null) throw new Error('bob hangs up on calls and does not say why')
    // With nobody refused there is no end to it: she could have as many exponentiations or calls as she can dial.
    if (refused === 0) return broken(`bob hears out every one of ${CALLS} calls that come at once`)
    try {
      await say(alice, bob, 'still there?')
    } catch (error) {
      if (!missedCue(error)) throw error
      return broken(`nothing that alice says reaches bob while mallory calls ${CALLS} times`)
    }
    const seconds = ((performance.now() - said) / 1_000).toFixed(1)
    const rang = bob.events.filter(({ event, peer }) => event === 'call' && String(peer).startsWith('mallory')).length
    scene.tell(
      `Bob listens to ${taken} of the connections, and refuses ${refused} at once: ${code}. It rang ${rang} times.`,
    )
    return resisted(
      `${names} names and ${CALLS} calls of mallory's: alice is registered, bob says ${code} to ${refused}, it rings ${rang} ` +
        `times, and her text arrives within ${seconds} s`,
    )
  }
}

/** A newcomer registers, calls bob, who accepts, and tells him something. */
async function comeToTalk(testbed: Testbed, name: string, bob: TestClient): Promise<TestClient | Refusal> {
  const newcomer = await arrive(testbed, name)
  if (isRefusal(newcomer)) return newcomer
  newcomer.call('bob')
  await bob.next({ event: 'call', peer: name })
  bob.say(`/accept ${name}`)
  await Promise.all([newcomer.next('open'), bob.next('open')])
  await say(newcomer, bob, 'all well?')
  return newcomer
}

/**
 * What costs bob most before he knows who it is: on the basic rung a call that rings, in another name each time; above it an
 * offer that takes an exponentiation, the same each time, since mallory does not pay for what she asks.
 */
function openingOf(rung: FramedRung): (i: number) => Uint8Array {
  const hello = HELLO.message({ protocol: protocolOf(rung) })
  if (rung === 'basic') {
    return i => {
      const call = CALL.message({ conversation: conversationId() })
      return Buffer.concat([hello, NAME.message({ name: `mallory${i}` }), call].map(encodeFrame))
    }
  }
  const words = strangersOffer(rung, 'ffdhe3072')
  return () => words
}

/** Registers under many names at once, each with a key of its own where a name takes one. @returns how many she got */
async function takeNames(scene: Scene, rung: FramedRung, server: Address): Promise<number> {
  async function take(name: string): Promise<boolean> {
    try {
      const { register } = await visitDirectory(scene, rung, server, name, MALLORYS_ADDRESS)
      await register()
      return true
    } catch (error) {
      rethrowUnless(error)
      return false
    }
  }

  const answers = await Promise.all(Array.from({ length: NAMES }, (_, i) => take(`mallory${i}`)))
  return answers.filter(taken => taken).length
}
