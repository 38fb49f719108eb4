import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { type Tamper, matches, pass } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { openConversation, say, textsSeenBy } from '../both-online.ts'
import { carrier, goodbyeOf, verdict } from './tampering.ts'

const FIRST = 'I agree'
const LAST = 'but only if carol agrees too'

const PLAIN_GOODBYE = encodeFrame(GOODBYE.message({}))

/** An end of mallory's making, in the place of a text. */
interface ForgedEnd {
  readonly words: string
  /** Makes a goodbye of the body of the frame that is there; null where the stream just ends. */
  readonly goodbye: ((body: Uint8Array) => Uint8Array) | null
}

const END_OF_STREAM: ForgedEnd = {
  words: 'Instead of the second text mallory sends the end of the TCP stream, towards both sides.',
  goodbye: null,
}

const UNSEALED: ForgedEnd = {
  words: 'Mallory replaces the second text by a goodbye that is not sealed.',
  goodbye: () => PLAIN_GOODBYE,
}

const RESEALED: ForgedEnd = {
  words: 'Mallory knows from its size how the second text begins: with a length and a type. She makes a goodbye of it.',
  goodbye: goodbyeOf,
}

/** What mallory tries on each rung, one after the other where the conversation goes on. */
const FORGED_ENDS: Readonly<Record<ChatRung, readonly ForgedEnd[]>> = {
  basic: [UNSEALED],
  'textbook-dh': [END_OF_STREAM],
  'textbook-aes': [END_OF_STREAM],
  dh: [RESEALED],
  aes: [END_OF_STREAM, UNSEALED],
}

export const truncation: Plays = {
  basic: endBetween('basic'),
  'textbook-dh': endBetween('textbook-dh'),
  'textbook-aes': endBetween('textbook-aes'),
  dh: endBetween('dh'),
  aes: endBetween('aes'),
}

function endBetween(rung: ChatRung): Play {
  return async scene => {
    const { alice, bob } = await openConversation(scene, rung, forgeEnds(scene, rung))
    await say(alice, bob, FIRST)
    alice.say(LAST)

    // A client that notices a cut resumes the conversation on another connection, which gives mallory a second try.
    const told = await bob.next('interrupted', 'closed')
    const end = told.event === 'closed' ? told : await bob.next('closed')
    const unaware = end.reason === 'bye' && !textsSeenBy(bob).includes(LAST)
    const lost = `bob read "${FIRST}", and that alice left cleanly; "${LAST}" is lost`
    const outcome = verdict(bob, end, unaware ? lost : null)
    if (told === end || outcome.result === 'broken') return outcome
    return resisted(
      `bob notices that the stream ended without a goodbye: ${String(told.code)}; then he refuses an unsealed goodbye: ${String(end.code)}`,
    )
  }
}

/** One try on each connection, in the place of alice's second text; after it she is not heard there any more. */
function forgeEnds({ tell }: Scene, rung: ChatRung): Tamper {
  const ends = FORGED_ENDS[rung]
  let silenced = -1
  return (passing, forward) => {
    // On another connection the conversation goes on with the text that is missing.
    const meant = matches(carrier(rung, passing.connection === 0 ? 1 : 0))
    const end = ends[passing.connection]
    if (passing.from === 'dialler' && passing.connection === silenced) return
    if (end === undefined || !meant(passing)) return pass(passing, forward)
    silenced = passing.connection
    const sent = { label: 'what alice sent', bytes: passing.bytes }
    const forged = end.goodbye?.(passing.body)
    if (forged === undefined) {
      tell(end.words, sent)
      return forward.cut()
    }
    tell(end.words, sent, { label: 'what bob gets', bytes: forged })
    forward.onward(forged)
  }
}
