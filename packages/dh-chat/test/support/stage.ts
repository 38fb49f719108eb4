import type { ChatEvent } from '@p2p-secure-chat/basic-p2p/chat/chat-event'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { type Path, type Tamper, openPath, pass } from '../../../stage/src/path.ts'
import { type Chatter, openTestbed, type Rung, textsOf, type Testbed } from './chat-testbed.ts'

/** What one person saw of a conversation. */
interface Screen {
  /** The texts of the other one. */
  readonly texts: readonly string[]
  /** How it ended: `bye`, or the code that was told; null when nothing was told. */
  readonly ended: string | null
  /** Why the conversation lost its connection in between, each time. */
  readonly interrupted?: readonly string[]
}

interface Scene {
  readonly alice: Screen
  readonly bob: Screen
}

/** How a caller with --to came out. */
interface Outcome {
  readonly exitCode: number | null
  readonly reason: string
  readonly code: string | null
}

/** Alice and bob, two real clients, and somebody on the path between them. */
export interface Stage {
  readonly testbed: Testbed
  readonly alice: Chatter
  readonly bob: Chatter & { readonly listen: Address }
  readonly proxy: Path
  /**
   * Alice calls bob under an interference; one of them says "one", "two", "three", each in a record of its own; then
   * alice leaves. Afterwards alice calls again without an interference: whatever happened, both still do their work.
   */
  play(tamper: Tamper, speaker?: 'alice' | 'bob'): Promise<Scene>
  /** A conversation that nobody disturbs, from the call to the goodbye; what was shown before it has been read then. */
  callAgain(): Promise<void>
  /** Carol calls bob with --to under an interference, and sends him two texts. */
  callOnce(tamper: Tamper): Promise<Outcome>
}

export const TEXTS = ['one', 'two', 'three']

/** Records of a side in a play: the first one holds CALL or ACCEPT, then come the texts (or the receipts). */
export const TEXT_ONE = 1
export const TEXT_TWO = 2

/** A small group is enough here, and quick. */
const GROUP = ['--group', 'ffdhe2048']

const STILL_HERE = 'still here'

/** How often alice calls again while bob has not noticed yet that the conversation before is over. */
const TRIES = 40

export async function openStage(rung: Rung): Promise<Stage> {
  const [testbed, proxy] = await Promise.all([openTestbed(rung), openPath()])
  const [bob, alice] = await Promise.all([
    testbed.client('bob', '--advertise', String(proxy.port), ...GROUP),
    testbed.client('alice', ...GROUP),
  ])
  proxy.forwardTo(bob.listen)

  /** One says the texts, one after the other, and the other one hears them; false when the conversation ends before. */
  async function converse(speaker: Chatter, hearer: Chatter): Promise<boolean> {
    const open = new Set([speaker, hearer])
    const step = async (person: Chatter) => {
      if (open.has(person) && (await person.next('message', 'closed')).event === 'closed') open.delete(person)
    }
    for (const text of TEXTS) {
      speaker.say(text)
      await step(speaker)
    }
    for (const _ of TEXTS) await step(hearer)
    return open.has(alice)
  }

  async function callAgain(): Promise<void> {
    proxy.setTamper(pass)
    for (let tries = 0; tries < TRIES; tries++) {
      alice.say('/chat bob')
      const begun = await alice.next('open', 'closed')
      if (begun.event === 'open') {
        alice.say(STILL_HERE)
        while ((await bob.next('message')).text !== STILL_HERE) {
          // A text of the scene before.
        }
        alice.say('/leave')
        await Promise.all([alice.next('closed'), bob.next('closed')])
        return
      }
      if (begun.code !== 'busy') throw new Error(`alice cannot call again: ${begun.code}`)
    }
    throw new Error('bob still is in the conversation before')
  }

  return {
    testbed,
    alice,
    bob,
    proxy,
    callAgain,

    async play(tamper, speaker = 'alice') {
      const before = [alice.events.length, bob.events.length]
      proxy.setTamper(tamper)
      alice.say('/chat bob')
      const begun = await alice.next('open', 'closed')
      if (begun.event === 'open') {
        await bob.next('open')
        const goesOn = await (speaker === 'alice' ? converse(alice, bob) : converse(bob, alice))
        if (goesOn) {
          alice.say('/leave')
          await alice.next('closed')
        }
      }
      await callAgain()
      return { alice: screenOf(alice.events.slice(before[0])), bob: screenOf(bob.events.slice(before[1])) }
    },

    async callOnce(tamper) {
      proxy.setTamper(tamper)
      const carol = testbed.start('carol', '--to', 'bob', ...GROUP)
      for (const text of TEXTS.slice(0, 2)) carol.say(text)
      const exitCode = await carol.finish()
      await callAgain()
      const closed = carol.events.find(event => event.event === 'closed')
      if (closed?.event !== 'closed') throw new Error('carol was not told how it ended')
      return { exitCode, reason: closed.reason, code: closed.code }
    },
  }
}

/** What was shown until the last call, which is the undisturbed one. */
function screenOf(events: readonly ChatEvent[]): Screen {
  const shown = events.slice(
    0,
    events.findLastIndex(event => event.event === 'call'),
  )
  const interrupted = shown.flatMap(event => (event.event === 'interrupted' ? [event.code] : []))
  const screen = { texts: textsOf(shown), ...(interrupted.length > 0 ? { interrupted } : {}) }
  // An error may come before the end, where a text was said that had nobody to go to any more.
  const closed = shown.find(event => event.event === 'closed')
  if (closed !== undefined) return { ...screen, ended: closed.code ?? closed.reason }
  return { ...screen, ended: shown.find(event => event.event === 'error')?.code ?? null }
}
