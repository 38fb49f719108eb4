import { generateKeyPairSync } from 'node:crypto'
import { TOLD_PER_PERIOD } from '@p2p-secure-chat/basic-p2p/chat/failed-calls'
import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { bigintFromBytes, bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { ANSWER, NONCE_BYTES, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { identityOf } from '@p2p-secure-chat/dh-chat/identity/identity'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import type { Tamper, Path } from '@p2p-secure-chat/stage/path'
import type { SecureRung } from '../../rungs.ts'
import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { mallorysPath, openConversation, say, sceneTestbed, SECRET } from '../both-online.ts'
import { recordingOf, textbookRecordingOf } from '../recording.ts'
import { afterExchange, greet, type Greeted, notMine, talkAsPeer } from './mallorys-handshake.ts'

export const invalidPublicValue: Plays = {
  'textbook-aes': replaceBothByOne,
  dh: offerTraps('dh'),
  aes: offerTraps('aes'),
}

async function replaceBothByOne(scene: Scene): Promise<Outcome> {
  const one = Buffer.from('1')
  const replaced = new Set<Side>()
  /** The first segment of each side is its public value. */
  const replaceValue: Tamper = ({ from, nth, bytes }, forward) => {
    if (nth > 0) return forward.onward(bytes)
    const [sender, receiver] = from === 'dialler' ? ['alice', 'bob'] : ['bob', 'alice']
    replaced.add(from)
    scene.tell(
      `Mallory replaces the public value of ${sender} by 1.`,
      { label: `what ${sender} sent`, bytes },
      { label: `what ${receiver} gets`, bytes: one },
    )
    forward.onward(one)
  }
  const { alice, bob, path } = await openConversation(scene, 'textbook-aes', replaceValue)
  if (replaced.size < 2) throw new Error('the public values did not cross the path')
  scene.tell('Both compute 1 to the power of their exponent, and have an AES key. Alice tells bob a secret.')
  await say(alice, bob, SECRET)
  const texts = textbookRecordingOf(path.passed).textsUnder(1n)
  if (!texts.includes(SECRET)) return resisted('bob got the secret, and under the key of 1 nothing can be read')
  return broken(`both take 1 for a public value; a sniffer who tries the secret 1 reads "${SECRET}"`)
}

/** An invalid public value, and its consequences. */
interface Trap {
  /** Such as "p - 1". */
  readonly what: string
  readonly value: bigint
  /** What it does. */
  readonly why: string
  /** All secrets that bob can arrive at; his public value is no secret. */
  secrets(bobsPublic: bigint): readonly [bigint, ...bigint[]]
  /** What mallory has gained when it was the nth of these. */
  gain(nth: number): string
}

const GROUP = namedGroup('ffdhe2048')
const { p } = GROUP

function confining(what: string, why: string, value: bigint, ...secrets: readonly [bigint, ...bigint[]]): Trap {
  const tries = secrets.length === 1 ? 'one secret' : `${secrets.length} secrets`
  const gain = () => `bob takes ${what} for a public value; a sniffer who tries ${tries} reads "${SECRET}"`
  return { what, why, value, secrets: () => secrets, gain }
}

/** The most telling ones come first: of the first few the program of bob says what it noticed. */
const TRAPS: readonly Trap[] = [
  confining('p - 1', 'its powers are 1 and itself', p - 1n, 1n, p - 1n),
  {
    what: 'p - 4',
    why: 'it is not a square, so the secret tells whether the exponent of bob is even',
    // It is -(2^2), and bob computes (-1)^b (2^b)^2: the sign is the lowest bit of his exponent b.
    value: p - 4n,
    secrets: bobsPublic => [(bobsPublic * bobsPublic) % p, p - ((bobsPublic * bobsPublic) % p)],
    gain: nth =>
      `bob takes p - 4, which is no square; the secret shows that his exponent is ${nth === 0 ? 'even' : 'odd'}`,
  },
  confining('1', 'all its powers are 1', 1n, 1n),
  confining('0', 'all its powers are 0', 0n, 0n),
  confining('p', 'this is 0 again, for programs that check only for 0', p, 0n),
  confining('p + 1', 'this is 1 again, for programs that check only for 1', p + 1n, 1n),
]

/**
 * Here a change on the path would show in the transcript. So mallory calls bob herself, as anyone may, with one bad
 * value after the other, while a sniffer listens: bob would believe that nobody reads what he says to her.
 */
function offerTraps(rung: SecureRung): Play {
  return async scene => {
    const [testbed, path] = await Promise.all([sceneTestbed(scene, rung), mallorysPath(scene, rung)])
    const bob = await testbed.startClient('bob', { behind: path })
    for (const trap of TRAPS) {
      scene.tell(`Mallory calls bob, with ${trap.what} as her public value: ${trap.why}.`, {
        label: trap.what,
        bytes: bigintToBytes(trap.value, GROUP.bytes),
      })
      const gained = await spring(trap, { scene, rung, path, bob })
      if (gained !== null) return broken(gained)
      scene.tell('Bob looks at it, and hangs up.')
    }
    // His program tells of the first few; to mallory each refusal looks the same.
    for (let told = 0; told < TOLD_PER_PERIOD; told += 1) {
      const { code } = await bob.next('error')
      if (code !== 'bad-public-value') throw new Error(`bob's program noticed ${String(code)}`)
    }
    scene.tell("Mallory never hears why. Bob's own program tells him, for the first few calls: bad-public-value.")
    const why = `of the first ${TOLD_PER_PERIOD} his program tells him bad-public-value`
    return resisted(`bob hangs up on ${TRAPS.map(({ what }) => what).join(', ')}; ${why}`)
  }
}

interface Place {
  readonly scene: Scene
  readonly rung: SecureRung
  readonly path: Path
  readonly bob: TestClient
}

/** @returns what mallory has gained; null when bob hangs up */
async function spring(trap: Trap, { scene, rung, path, bob }: Place): Promise<string | null> {
  const socket = await dialHere(path)
  scene.afterwards(() => void socket.destroy())
  const computed = await offer(trap, await greet(socket, 'initiator', rung, undefined)).catch((error: unknown) => {
    // An ERROR of his says so. Had his program died of it, this were another code.
    rethrowUnless(error, 'handshake-failed')
    return null
  })
  if (computed === null) return null
  const { handshake, secrets } = computed
  scene.tell('Bob computes a secret from it, and proves who he is under keys that anyone can derive. They talk.')
  await handshake.show(identityOf('mallory', generateKeyPairSync('ed25519').privateKey))
  const talk = await talkAsPeer(await handshake.finish(), 'initiator')
  await bob.next('open')
  bob.say(SECRET)
  await talk.hear()

  const connection = path.passed.at(-1)?.connection
  const passed = path.passed.filter(passing => passing.connection === connection)
  const { textsUnder } = recordingOf(passed)
  const nth = secrets.findIndex(secret => textsUnder(secret).includes(SECRET))
  if (nth < 0) throw new Error('mallory has the secret, and the sniffer does not')
  return trap.gain(nth)
}

/** OFFER with the bad value, ANSWER, and IDENTITY of bob, who has computed with it then. @throws {ChatError} his refusal */
async function offer({ value, secrets }: Trap, greeted: Greeted) {
  const { turn } = greeted
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const toBytes = (secret: bigint) => bigintToBytes(secret, GROUP.bytes)
  const offered = await turn('initiator', [OFFER.type], () =>
    OFFER.message({
      groups: [GROUP.name],
      group: GROUP.name,
      public: hex(toBytes(value)),
      nonce: hex(randomBytes(NONCE_BYTES)),
    }),
  )
  const answered = await turn('responder', [ANSWER.type], notMine)
  const [first, ...others] = secrets(bigintFromBytes(Buffer.from(ANSWER.read(answered.body).public, 'hex')))
  const possible: readonly [Uint8Array, ...Uint8Array[]] = [toBytes(first), ...others.map(toBytes)]
  const transcript = greeted.transcript.with(offered).with(answered)
  const handshake = afterExchange({ ...greeted, transcript }, ...possible)
  await handshake.hear()
  return { handshake, secrets: possible }
}
