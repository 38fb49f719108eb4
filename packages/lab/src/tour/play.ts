import { parseAddress } from '@p2p-secure-chat/core/net/address'
import { type Actor, startActor } from '@p2p-secure-chat/stage/actor'
import type { Overheard } from '@p2p-secure-chat/stage/legible'
import { openPath } from '@p2p-secure-chat/stage/path'
import type { Event } from '@p2p-secure-chat/stage/transcript'

/** One side of a play: who it is and what its screen shows, line by line. */
export interface Screen {
  readonly who: string
  readonly lines: readonly string[]
}

/** What was said in a play, who saw it, and what crossed the path between the two. */
export interface Play {
  readonly screens: readonly [Screen, Screen]
  readonly passed: readonly Overheard[]
  /** The texts that crossed the path. */
  readonly texts: readonly string[]
  /** What should have happened and did not; empty when all is well. */
  readonly failures: readonly string[]
}

const FROM_ALICE = ['Hi Bob! Shall we meet at the old mill at nine?', 'مرحبا 👋 I bring the map.']
const FROM_BOB = ['Nine is fine. I bring the tea 🍵']

/** Alice asks a calculator, with a listener on the path between the two. */
export async function playCalculator(): Promise<Play> {
  const expressions = ['2 + 3 * 4', '(1 - 0.9) * 10', '7 / 0']
  const expected = ['20', '1', 'division by zero at column 5']
  const path = await openPath({ unit: 'segment' })
  const server = startActor('@p2p-secure-chat/calculator/bin/server', ['--port', '0', '--json'])
  try {
    const { host, port } = await server.next('listening')
    path.forwardTo({ host: String(host), port: Number(port) })
    const client = startActor('@p2p-secure-chat/calculator/bin/client', [
      '--port',
      String(path.port),
      '--json',
      ...expressions,
    ])
    await client.finish()
    const answers = client.events.map(answerOf)
    return {
      screens: [
        {
          who: 'alice',
          lines: expressions.flatMap((expression, i) => [`> ${expression}`, answers[i] ?? '(no answer)']),
        },
        { who: 'the server', lines: [`listening on ${String(host)}:${String(port)}`] },
      ],
      passed: path.passed,
      texts: expressions,
      failures: expected.filter((answer, i) => answers[i] !== answer).map(answer => `no answer ${answer}`),
    }
  } finally {
    await server.stop()
    path.stop()
  }
}

function answerOf(event: Event): string {
  const { result, error } = event
  if (typeof result === 'string') return result
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : ''
}

/**
 * Alice and Bob meet through a directory and talk directly, with somebody on the path between them: Bob tells the directory
 * the port of the path in place of his own, as he would with a router that forwards one.
 *
 * @param rung the package of a chat rung
 * @param home an empty folder for the identities of this play
 */
export async function playChat(rung: string, home: string): Promise<Play> {
  const path = await openPath({ unit: 'segment' })
  const server = startActor(`@p2p-secure-chat/${rung}/bin/server`, ['--port', '0', '--json'])
  const actors: Actor[] = [server]
  try {
    const { host, port } = await server.next('listening')
    const join = (name: string, ...more: string[]) => {
      const common = ['--name', name, '--directory', `${String(host)}:${String(port)}`, '--home', home, '--json']
      const actor = startActor(`@p2p-secure-chat/${rung}/bin/client`, [...common, ...more])
      actors.push(actor)
      return actor
    }
    const bob = join('bob', '--accept', 'all', '--advertise', String(path.port))
    const { listen } = await bob.next('ready')
    path.forwardTo(parseAddress(String(listen)))
    const alice = join('alice', '--to', 'bob')
    await Promise.all([alice.next('open'), bob.next('open')])
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
  } finally {
    for (const actor of actors.toReversed()) await actor.stop()
    path.stop()
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
