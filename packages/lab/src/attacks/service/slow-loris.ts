import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { missedCue, stretched } from '@p2p-secure-chat/stage/busy'
import { dialRaw, type RawClient } from '@p2p-secure-chat/stage/raw-client'
import { type FramedRung, protocolOf, type TextbookRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import {
  chatVictims,
  precede,
  sceneServer,
  type VictimVisit,
  visitBob,
  visitCalculator,
  visitTextbook,
} from './victims.ts'
import { MALLORYS_ADDRESS } from './hostile-peer.ts'

/** Connections that mallory holds to a directory: more than the textbook's has places. */
const TO_DIRECTORY = 24

/** Connections that she holds to a client or a calculator: all that it hears out from one address. */
const TO_OTHERS = 16

/** Milliseconds between two bytes of the hello: the whole of it would take half a minute. */
const BYTE_EVERY = 400

/** Within this time the victim has to end what says no hello, in milliseconds: its own deadline is 5 seconds. */
const END_DEADLINE = 10_000

export const slowLoris: Plays = {
  patient: true,
  calc: holdCalculator,
  basic: holdChat('basic'),
  'textbook-dh': holdTextbook('textbook-dh'),
  'textbook-aes': holdTextbook('textbook-aes'),
  dh: holdChat('dh'),
  aes: holdChat('aes'),
}

/** Where mallory holds connections. */
interface Target {
  readonly address: Address
  readonly connections: number
  /** The hello that half of them say, a byte at a time; all are silent if there is none. */
  readonly words?: Uint8Array
}

async function holdCalculator(scene: Scene): Promise<Outcome> {
  const server = await sceneServer(scene, 'calc')
  const words = encodeFrame(HELLO.message({ protocol: 'calc/1' }))
  return hold(scene, [{ address: server, connections: TO_OTHERS, words }], visitCalculator(scene, server))
}

function holdTextbook(rung: TextbookRung): Play {
  return async scene => {
    const server = await sceneServer(scene, rung)
    // A byte would be a name here, and get her on.
    return hold(scene, [{ address: server, connections: TO_DIRECTORY }], visitTextbook(scene, server))
  }
}

function holdChat(rung: FramedRung): Play {
  return async scene => {
    const { server, testbed, bob } = await chatVictims(scene, rung)
    const protocol = protocolOf(rung)
    const targets: Target[] = [
      {
        address: server,
        connections: TO_DIRECTORY,
        words: encodeFrame(HELLO.message({ protocol: 'directory/1', rung: protocol })),
      },
      { address: bob.address, connections: TO_OTHERS, words: encodeFrame(HELLO.message({ protocol })) },
    ]
    return hold(scene, targets, visitBob(testbed, bob))
  }
}

async function hold(scene: Scene, targets: readonly Target[], visit: VictimVisit): Promise<Outcome> {
  await precede(visit)
  const begun = performance.now()
  const held = (await Promise.all(targets.map(target => occupy(scene, target)))).flat()
  if (held.length === 0) throw new Error('the victims took no connection of mallory')
  const first = await held[0]?.firstBytes()
  const words = targets.some(target => target.words !== undefined)
    ? 'half of them say a byte of a hello now and then, the others nothing'
    : 'and they say nothing'
  scene.tell(
    `Carol comes, is served, and leaves. Then mallory holds ${held.length} connections: ${words}.`,
    ...(first == null ? [] : [{ label: 'what a victim said first', bytes: first }]),
  )
  const refusal = await visit('alice')
  if (refusal !== null) {
    return broken(`alice finds no place (${refusal}): ${held.length} silent connections hold them all`)
  }
  scene.tell(
    'Alice comes, and is served as if nobody else were there. Now mallory waits to see how her connections end.',
  )
  const codes = new Set<string | null>()
  try {
    for (const connection of held) {
      codes.add(await withDeadline(connection.errorCode(), stretched(END_DEADLINE), 'the end of a silent connection'))
      await withDeadline(connection.ended(), stretched(END_DEADLINE), 'the end of a silent connection')
    }
  } catch (error) {
    if (!missedCue(error)) throw error
    return broken(`${held.length} silent connections stay open for as long as mallory likes`)
  }
  const seconds = Math.round((performance.now() - begun) / 1_000)
  const told = [...codes].map(code => code ?? 'nothing')
  return resisted(
    `alice is served beside ${held.length} slow connections, all of which are ended after ${seconds} s (${told.join(', ')})`,
  )
}

/** Opens connections, and goes on with those that are taken. */
async function occupy({ tap, afterwards }: Scene, { address, connections, words }: Target): Promise<RawClient[]> {
  const held: RawClient[] = []
  for (let i = 0; i < connections; i++) {
    const connection = await dialRaw(address, { tap, from: MALLORYS_ADDRESS })
    afterwards(() => connection.destroy())
    // Here every server speaks first; one that has no place left hangs up.
    if ((await connection.firstBytes()) === null) continue
    held.push(connection)
    if (words === undefined || i % 2 === 0) continue
    let said = 0
    const talking = setInterval(() => {
      if (said < words.length) void connection.write(words.subarray(said, ++said))
    }, BYTE_EVERY)
    afterwards(() => clearInterval(talking))
  }
  return held
}
