import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { bigintToBytes } from '@p2p-secure-chat/core/dh/integers'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { modPow } from '@p2p-secure-chat/core/dh/mod-pow'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { babyStepGiantStep, type DiscreteLog, type Solution } from '../../crack/discrete-log.ts'
import { estimateFor, kangarooLog2 } from '../../crack/estimate.ts'
import { count, powerOfTwo, scientific } from '../../numbers-in-words.ts'
import { pollardRho } from '../../crack/pollard-rho.ts'
import { TEXTBOOK_GROUP, type ToyGroup, toyGroupNamed, toyKeyPair, toySecret } from '../../textbook/toy-exchange.ts'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import { isLegible } from '@p2p-secure-chat/stage/legible'
import type { Passing } from '@p2p-secure-chat/stage/path'
import type { SecureRung, TextbookRung } from '../../rungs.ts'
import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import { broken, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { startBoth, callAndAccept, openConversation, say, SECRET } from '../both-online.ts'
import { recordingOf, type TextbookRecording, textbookRecordingOf } from '../recording.ts'
import { agree, greet } from './mallorys-handshake.ts'

/** A group in which the textbook's programs agree as well: its prime has 40 bits. */
const TOY = toyGroupNamed('toy40')

/**
 * Entries of the table, and as many steps after it, that a real exchange is given here: less than a second. They find every
 * exponent below 2^30.
 */
const BUDGET = 2 ** 15

export const discreteLog: Plays = {
  'textbook-dh': solveTextbook('textbook-dh'),
  'textbook-aes': solveTextbook('textbook-aes'),
  dh: attemptReal('dh'),
  aes: attemptReal('aes'),
}

/** With 22 values nobody needs a method. @throws {Error} when the value is no power of g */
function tryEach({ p, g }: ToyGroup, value: bigint): Solution {
  let power = 1n
  for (let steps = 1; steps < p; steps += 1) {
    power = (power * g) % p
    if (power === value) return { exponent: BigInt(steps), steps }
  }
  throw new Error(`${value} is no power of ${g} modulo ${p}`)
}

/** The group of the textbook, and then one of 40 bits, where it takes a method, and there are two: one for each side. */
function solveTextbook(rung: TextbookRung): Play {
  return async scene => {
    const { tell } = scene
    const small = await converse(scene, rung, [])
    const { dialler: alices, listener: bobs } = small.publicValues
    const [one, other] = [tryEach(TEXTBOOK_GROUP, alices), tryEach(TEXTBOOK_GROUP, bobs)]
    const steps = one.steps + other.steps
    tell(
      `Alice sends ${alices}, bob ${bobs}. Mallory computes 5, 5^2, 5^3 and so on modulo 23, and after ${steps} ` +
        `steps she has both exponents: ${one.exponent} and ${other.exponent}.`,
    )
    const read = reads(rung, small, secretOf(TEXTBOOK_GROUP, small, one.exponent, other.exponent))

    const large = await converse(scene, rung, ['--group', TOY.name])
    const { dialler: hers, listener: his } = large.publicValues
    tell(`Now they use a prime of ${TOY.bits} bits. Alice sends ${hers}, bob ${his}.`)
    const table = await babyStepGiantStep({ ...TOY, h: hers })
    tell(
      `Baby-step giant-step fills a table with powers of 2: ${count(table.steps)} steps for alice's ${table.exponent}.`,
    )
    const walk = await pollardRho({ ...TOY, h: his }, { random: randomBytes })
    tell(`Pollard's rho walks until it meets itself: ${count(walk.steps)} steps for bob's ${walk.exponent}.`)
    const readToo = reads(rung, large, secretOf(TOY, large, table.exponent, walk.exponent))

    const effort = `${steps} steps modulo 23; in 40 bits ${count(table.steps)} with a table, ${count(walk.steps)} with rho`
    if (!read || !readToo) return resisted(`both exponents in ${effort}, and the texts stay closed`)
    return broken(`both exponents in ${effort}; mallory reads "${SECRET}"`)
  }
}

/** What the sniffer has of a conversation of the textbook. */
interface Overheard extends TextbookRecording {
  readonly passed: readonly Passing[]
}

/** Alice tells bob a secret. */
async function converse(scene: Scene, rung: TextbookRung, flags: readonly string[]): Promise<Overheard> {
  const { alice, bob, path } = await startBoth(scene, rung, flags)
  await callAndAccept(alice, bob)
  await say(alice, bob, SECRET)
  return { passed: path.passed, ...textbookRecordingOf(path.passed) }
}

/** The secret as each of the two has computed it; one exponent would do. */
function secretOf(group: ToyGroup, { publicValues }: Overheard, ofAlice: bigint, ofBob: bigint): bigint {
  const secret = toySecret(group, toyKeyPair(group, ofAlice), publicValues.listener)
  const again = toySecret(group, toyKeyPair(group, ofBob), publicValues.dialler)
  if (secret !== again) throw new Error(`alice's exponent gives ${secret}, bob's ${again}`)
  return secret
}

/** Whether the secret makes alice's words legible. On textbook DH they are legible anyway. */
function reads(rung: TextbookRung, { passed, textsUnder }: Overheard, secret: bigint): boolean {
  return rung === 'textbook-dh' ? isLegible(passed, SECRET) : textsUnder(secret).includes(SECRET)
}

/** The real exchange, as far as the budget goes; and then a group that mallory would like better. */
function attemptReal(rung: SecureRung): Play {
  return async scene => {
    const { tell } = scene
    const { alice, bob, path } = await openConversation(scene, rung)
    await say(alice, bob, SECRET)
    const { handshake, textsUnder } = recordingOf(path.passed)
    const group = namedGroup(handshake.group)
    const { dialler: alices, listener: bobs } = handshake.publicValues
    tell(`Alice and bob take ${group.name}. Mallory has g^x modulo p, a number of ${group.bits} bits:`, {
      label: 'the public value of alice',
      bytes: bigintToBytes(alices, group.bytes),
    })
    const found = await withinBudget({ ...group, h: alices })
    if (found !== null) {
      const shared = bigintToBytes(modPow(bobs, found.exponent, group.p), group.bytes)
      if (!textsUnder(shared).includes(SECRET)) throw new Error('the exponent opens nothing')
      return broken(`alice's exponent in ${count(found.steps)} steps; mallory reads "${SECRET}"`)
    }

    const { exponentBits, rate, kangaroo, sieve } = estimateFor(group, group.bits)
    tell(
      `After ${count(2 * BUDGET)} steps she knows that x is not below 2^30. It has ${exponentBits} bits. Pollard's kangaroos ` +
        `need ${powerOfTwo(kangaroo?.steps ?? 0)} steps, and she does ${count(rate)} in a second; the number field sieve needs ` +
        `${scientific(sieve.coreYears)} years of one core.`,
    )
    const code = await offerToyGroup(scene, rung, bob)
    if (code === null) return broken(`bob takes a group of ${TOY.bits} bits that mallory offers him`)
    const needed = Math.round(kangarooLog2(group.exponentBits))
    return resisted(
      `${count(2 * BUDGET)} steps find no exponent in ${group.name}, about 2^${needed} are needed; bob takes no ${TOY.name}: ${code}`,
    )
  }
}

/** @returns null if the budget runs out first */
async function withinBudget(problem: DiscreteLog): Promise<Solution | null> {
  const budget = new AbortController()
  const onProgress = (steps: number) => {
    if (steps >= 2 * BUDGET) budget.abort()
  }
  try {
    return await babyStepGiantStep(problem, { babySteps: BUDGET, onProgress, signal: budget.signal })
  } catch (error) {
    if (budget.signal.aborted) return null
    throw error
  }
}

/** Mallory calls bob herself and offers the toy group alone. @returns why not; null when he answers in it */
async function offerToyGroup(
  { tell, tap, afterwards }: Scene,
  rung: SecureRung,
  bob: TestClient,
): Promise<string | null> {
  tell(`So mallory calls bob, and offers him ${TOY.name} and nothing else.`)
  const socket = await dialHere(bob.address)
  afterwards(() => void socket.destroy())
  try {
    await agree(await greet(socket, 'initiator', rung, tap), [TOY])
    return null
  } catch (error) {
    rethrowUnless(error)
    const { code } = await bob.next('error')
    tell(`He answers: "${error.message}".`)
    if (error.code !== 'no-common-group') throw error
    return String(code)
  }
}
