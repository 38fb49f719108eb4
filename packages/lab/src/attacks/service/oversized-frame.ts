import { NAME, plainLimits } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { directoryLimits, REGISTER } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { calculatorLimits, EVALUATE } from '@p2p-secure-chat/calculator/messages'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { handshakeLimits } from '@p2p-secure-chat/dh-chat/handshake/handshake-upgrade'
import { OFFER } from '@p2p-secure-chat/dh-chat/messages'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { encodeFrame, type FrameLimits, HEADER_BYTES, type Message } from '@p2p-secure-chat/core/wire/frame'
import { missedCue, stretched } from '@p2p-secure-chat/stage/busy'
import type { Actor } from '@p2p-secure-chat/stage/actor'
import { peakMemory } from '@p2p-secure-chat/stage/system-process'
import { dialRaw, type RawClient } from '@p2p-secure-chat/stage/raw-client'
import { type FramedRung, protocolOf } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { chatVictims, precede, sceneServer, type VictimVisit, visitBob, visitCalculator } from './victims.ts'

/** The largest number that the four bytes of a length hold: 4 GiB, less one. */
const ALL_ONES = 0xffff_ffff

/** A type that no message of any protocol here has. */
const NO_TYPE = 0xee

/** What follows a header that claims 4 GiB, in pieces of 1 MiB. */
const PIECES = 128
const PIECE = new Uint8Array(2 ** 20)

/**
 * Bytes by which a victim may grow meanwhile: less than one connection carried. What is read and thrown away waits for the
 * garbage collector in some 40 MiB, however much it is.
 */
const GROWTH = 0.75 * PIECES * PIECE.length

/** How long a victim may think about a frame, in milliseconds: a machine may be busy. */
const REFUSAL_DEADLINE = 10_000

export const oversizedFrame: Plays = {
  calc: overwhelmCalculator,
  basic: overwhelmChat('basic', NAME.type, plainLimits),
  dh: overwhelmChat('dh', OFFER.type, handshakeLimits),
  aes: overwhelmChat('aes', OFFER.type, handshakeLimits),
}

/** A program that accepts connections. */
interface Victim {
  readonly who: string
  readonly process: Actor
  readonly address: Address
  /** What mallory says before the frame that is refused, so that it comes at its due place. */
  readonly hello: Message
  /** The type of what would be due after the hello. */
  readonly due: number
  /** The table in which its limit stands. */
  readonly limits: FrameLimits
}

/** A header with nothing behind it. @param length claimed for the type and the body */
function header(type: number, length: number): Buffer {
  const bytes = Buffer.from(encodeFrame({ type, body: new Uint8Array() }))
  bytes.writeUInt32BE(length)
  return bytes
}

/** The header of a body that is one byte longer than a table allows. */
function tooLong(type: number, limits: FrameLimits): Buffer {
  const limit = limits.get(type)
  if (limit === undefined) throw new TypeError(`type ${type} has no limit there`)
  return header(type, 1 + limit + 1)
}

function overwhelmChat(rung: FramedRung, due: number, limits: FrameLimits): Play {
  return async scene => {
    const { server, testbed, bob } = await chatVictims(scene, rung)
    const protocol = protocolOf(rung)
    const directory: Victim = {
      who: 'the directory',
      process: server.process,
      address: server,
      hello: HELLO.message({ protocol: 'directory/1', rung: protocol }),
      due: REGISTER.type,
      limits: directoryLimits,
    }
    const peer = { who: 'bob', process: bob, address: bob.address, hello: HELLO.message({ protocol }), due, limits }
    return overwhelm(scene, [directory, peer], visitBob(testbed, bob))
  }
}

async function overwhelmCalculator(scene: Scene): Promise<Outcome> {
  const server = await sceneServer(scene, 'calc')
  const hello = HELLO.message({ protocol: 'calc/1' })
  const victim = {
    who: 'the calculator',
    process: server.process,
    address: server,
    hello,
    due: EVALUATE.type,
    limits: calculatorLimits,
  }
  return overwhelm(scene, [victim], visitCalculator(scene, server))
}

/** @param visit shows whether the victims serve others */
async function overwhelm(scene: Scene, victims: readonly Victim[], visit: VictimVisit): Promise<Outcome> {
  await precede(visit)
  const codes = new Set<string>()
  let frames = 0
  let sent = 0
  const growths: (number | null)[] = []
  for (const victim of victims) {
    const { due, limits } = victim
    const before = await peakMemory(victim.process.pid)
    for (const [greeting, head, pieces] of [
      [[], header(HELLO.type, ALL_ONES), PIECES],
      [[victim.hello], header(due, ALL_ONES), PIECES],
      [[victim.hello], tooLong(due, limits), 1],
      [[victim.hello], header(NO_TYPE, 1), 0],
    ] as const) {
      const { code, bytes } = await attempt(scene, victim, greeting, head, pieces)
      if (code === null) return broken(`${victim.who} takes ${head.toString('hex')} for the beginning of a frame`)
      codes.add(code)
      frames += 1
      sent += bytes
    }
    const after = await peakMemory(victim.process.pid)
    const growth = before === null || after === null ? null : after - before
    if (growth !== null && growth > GROWTH) return broken(`${victim.who} has grown by ${inMiB(growth)} meanwhile`)
    growths.push(growth)
  }
  const refusal = await visit('alice')
  if (refusal !== null) return broken(`after all these frames alice is not served any more: ${refusal}`)
  const memory = growths.includes(null)
    ? 'what they do to memory this system does not tell'
    : `make nobody grow by more than ${inMiB(Math.max(...growths.map(Number)))}`
  return resisted(
    `${frames} headers are refused (${[...codes].join(', ')}), ${inMiB(sent)} behind them ${memory}, alice is served`,
  )
}

/** Says hello, or not, then a header, and sends what it claims for as long as the victim reads it. */
async function attempt(
  { tap, tell, afterwards }: Scene,
  { who, address }: Victim,
  greeting: readonly Message[],
  head: Buffer,
  pieces: number,
): Promise<{ code: string | null; bytes: number }> {
  const mallory = await dialRaw(address, { tap })
  afterwards(() => mallory.destroy())
  await mallory.write(...greeting.map(encodeFrame), head)
  let bytes = 0
  for (let i = 0; i < pieces && (await mallory.write(PIECE)); i++) bytes += PIECE.length
  const code = await refusalOf(mallory)
  mallory.destroy()
  tell(
    `Mallory sends ${who} a header, and ${inMiB(bytes)} behind it. The answer: ${code ?? 'none, it waits for more'}.`,
    {
      label: greeting.length > 0 ? 'after her hello' : 'in the place of a hello',
      bytes: head,
      marks: [
        { from: 0, to: HEADER_BYTES - 1, meaning: 'the length that she claims' },
        { from: HEADER_BYTES - 1, to: HEADER_BYTES, meaning: 'the type' },
      ],
    },
  )
  return { code, bytes }
}

/** The code of the ERROR, or `cut` where there is none before the end; null where the victim waits for more. */
async function refusalOf(mallory: RawClient): Promise<string | null> {
  try {
    return (await withDeadline(mallory.errorCode(), stretched(REFUSAL_DEADLINE), 'the refusal')) ?? 'cut'
  } catch (error) {
    if (!missedCue(error)) throw error
    return null
  }
}

const inMiB = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`
