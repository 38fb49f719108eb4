import type { Actor } from '@p2p-secure-chat/stage/actor'
import type { Event } from '@p2p-secure-chat/stage/transcript'
import type { Scene } from '../attacks/attack.ts'
import { askCalculator, openConversation } from '../attacks/both-online.ts'
import type { Crossed } from '../attacks/recording.ts'
import type { FramedRung } from '../rungs.ts'

/** One side of a play: who it is and what its screen shows, line by line. */
export interface Screen {
  readonly who: string
  readonly lines: readonly string[]
}

/** What was said in a play, who saw it, and what crossed the path between the two. */
export interface TourPlay {
  readonly screens: readonly [Screen, Screen]
  readonly passed: readonly Crossed[]
  /** The texts that crossed the path. */
  readonly texts: readonly string[]
  /** What should have happened and did not; empty when all is well. */
  readonly failures: readonly string[]
}

const QUESTIONS = ['2 + 3 * 4', '(1 - 0.9) * 10', '7 / 0']
const ANSWERS = ['20', '1', 'division by zero at column 5']

const FROM_ALICE = ['Hi Bob! Shall we meet at the old mill at nine?', 'مرحبا 👋 I will bring the map.']
const FROM_BOB = ['Nine is fine. I will bring the tea 🍵']

/** Alice asks a calculator, with an eavesdropper on the path between the two. */
export async function playCalculator(scene: Scene): Promise<TourPlay> {
  const { alice, server, path } = await askCalculator(scene, QUESTIONS)
  await alice.finish()
  const answers = alice.events.map(answerOf)
  return {
    screens: [
      { who: 'alice', lines: QUESTIONS.flatMap((question, i) => [`> ${question}`, answers[i] ?? '(no answer)']) },
      { who: 'the server', lines: [`listening on ${server.host}:${server.port}`] },
    ],
    passed: path.passed,
    texts: QUESTIONS,
    failures: ANSWERS.filter((answer, i) => answers[i] !== answer).map(answer => `no answer ${answer}`),
  }
}

function answerOf(event: Event): string {
  const { result, error } = event
  if (typeof result === 'string') return result
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
}

/** Alice and bob meet through a directory and talk directly, with an eavesdropper on the path between them. */
export async function playChat(scene: Scene, rung: FramedRung): Promise<TourPlay> {
  const { alice, bob, path } = await openConversation(scene, rung)
  const failures: string[] = []

  /** One text travels from one screen to the other and is acknowledged. */
  const say = async (from: Actor, to: Actor, text: string) => {
    from.say(text)
    const received = await to.next('message')
    await from.next('delivered')
    if (received['text'] !== text) failures.push(`"${text}" arrived as "${String(received['text'])}"`)
  }
  for (const text of FROM_ALICE) await say(alice, bob, text)
  for (const text of FROM_BOB) await say(bob, alice, text)
  const exitCode = await alice.finish()
  await bob.next('closed')
  if (exitCode !== 0) failures.push(`alice ended with exit code ${exitCode}`)

  return {
    screens: [
      { who: 'alice', lines: screenOf(alice, 'bob') },
      { who: 'bob', lines: screenOf(bob, 'alice') },
    ],
    passed: path.passed,
    texts: [...FROM_ALICE, ...FROM_BOB],
    failures,
  }
}

/** What a person would read of these events. */
function screenOf({ events }: Actor, peer: string): string[] {
  return events.flatMap(event => {
    switch (event['event']) {
      case 'open':
        return [
          `talking with ${peer}`,
          `confidential: ${yes(event['confidential'])}, integrity: ${yes(event['integrity'])}, key: ${String(event['identity'])}`,
          ...safetyNumberRows(event['safetyNumber']),
        ]
      case 'message':
        return [`${event['direction'] === 'in' ? peer : 'me'}: ${String(event['text'])}`]
      case 'closed':
        return [event['reason'] === 'bye' ? 'goodbye' : `ended: ${String(event['reason'])}`]
      default:
        return []
    }
  })
}

/** The twelve numbers in rows of four, as they are read aloud. */
function safetyNumberRows(safetyNumber: unknown): string[] {
  if (typeof safetyNumber !== 'string') return []
  const numbers = safetyNumber.split(' ')
  return ['safety number:', ...[0, 4, 8].map(start => `  ${numbers.slice(start, start + 4).join(' ')}`)]
}

function yes(value: unknown): string {
  return value === true ? 'yes' : 'no'
}
