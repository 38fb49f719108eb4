import { LENGTH_BYTES } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { EVALUATE } from '@p2p-secure-chat/calculator/messages'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { on } from '@p2p-secure-chat/stage/tampering'
import type { Tamper } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, type Scene } from '../attack.ts'
import { askCalculator, openConversation, textsSeenBy } from '../both-online.ts'
import { carrier, rewritten, verdict } from './tampering.ts'

const AMOUNT = '100'
const FORGED_AMOUNT = '999'

/** The amount stands in the third block of CBC: what is garbled when it changes lies in the second one, and is only talk. */
const SAID = `as we agreed at lunch, please pay carol ${AMOUNT} today`
const LAST_WORDS = ` carol ${FORGED_AMOUNT} today`

const CALCULATION = `${AMOUNT} + 1`

/** Bytes in front of the text in a TEXT frame: the header and a u64 id. */
const TEXT_HEADER = HEADER_BYTES + TEXT.headBytes

/**
 * How far behind the beginning of a frame or segment the byte lies that alters the first byte of the text. Under CBC a byte
 * of the plaintext changes with the byte of the ciphertext one block before, and in front of the ciphertext is an IV, which
 * takes as much room as one block: so it is the byte at its own place in the plaintext. That of an AES record begins with
 * `u32 n`.
 */
const TEXT_AT: Readonly<Record<ChatRung, number>> = {
  basic: TEXT_HEADER,
  'textbook-dh': 0,
  'textbook-aes': 0,
  dh: HEADER_BYTES + TEXT_HEADER,
  aes: HEADER_BYTES + LENGTH_BYTES + TEXT_HEADER,
}

export const bitFlip: Plays = {
  calc: changeQuestion,
  basic: changeText('basic'),
  'textbook-dh': changeText('textbook-dh'),
  'textbook-aes': changeText('textbook-aes'),
  dh: changeText('dh'),
  aes: changeText('aes'),
}

/** Turns the one amount into the other. @param find where it stands in the frame or segment */
function forgeAmount({ tell }: Scene, find: (bytes: Uint8Array) => number): Tamper {
  return ({ bytes }, forward) => {
    const from = find(bytes)
    const to = from + AMOUNT.length
    const forged = Buffer.from(bytes)
    forged.set(rewritten(bytes.subarray(from, to), Buffer.from(AMOUNT), Buffer.from(FORGED_AMOUNT)), from)
    const marks = [{ from, to, meaning: 'what decides about the amount' }]
    tell(
      `Mallory flips bits of ${AMOUNT.length} bytes: those by which "${AMOUNT}" differs from "${FORGED_AMOUNT}".`,
      { label: 'what alice sent', bytes, marks },
      { label: 'what arrives', bytes: forged, marks },
    )
    forward.onward(forged)
  }
}

async function changeQuestion(scene: Scene): Promise<Outcome> {
  const find = (bytes: Uint8Array) => Buffer.from(bytes).indexOf(AMOUNT)
  const tamper = on({ from: 'dialler', type: EVALUATE.type }, forgeAmount(scene, find))
  const { alice } = await askCalculator(scene, [CALCULATION], tamper)
  const { result } = await alice.next({ expression: CALCULATION })
  if (result !== String(Number(FORGED_AMOUNT) + 1)) throw new Error(`alice reads ${String(result)}`)
  return broken(`alice asked for ${CALCULATION}, and reads ${result}`)
}

function changeText(rung: ChatRung): Play {
  return async scene => {
    const at = TEXT_AT[rung] + SAID.indexOf(AMOUNT)
    const { alice, bob } = await openConversation(
      scene,
      rung,
      on(
        carrier(rung),
        forgeAmount(scene, () => at),
      ),
    )
    alice.say(SAID)
    const last = await bob.next({ event: 'message', direction: 'in' }, 'closed')
    const fooled = textsSeenBy(bob)[0]?.endsWith(LAST_WORDS) ?? false
    // What is noise in the middle does not belong into a line of evidence.
    const won = `alice said "... carol ${AMOUNT} today", and bob reads "...${LAST_WORDS}"`
    return verdict(bob, last, fooled ? won : null)
  }
}
