import { LENGTH_BYTES } from '@p2p-secure-chat/aes-chat/record-plaintext'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { GOODBYE } from '@p2p-secure-chat/core/wire/common-messages'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { encodeFrame, HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { on } from '@p2p-secure-chat/stage/tampering'
import type { Tamper } from '@p2p-secure-chat/stage/path'
import type { Outcome, Plays, Scene } from '../attack.ts'
import { openConversation, say, textsSeenBy } from '../both-online.ts'
import { carrier, rewritten, verdict } from './tampering.ts'

/** What alice says, and what mallory would have bob read: the first block of CBC is all that an IV can change. */
const SAID = 'pay carol 100 today'
const FORGED = 'pay carol 999 today'

export const ivFlip: Plays = {
  'textbook-aes': changeAmount,
  aes: turnTextIntoGoodbye,
}

async function changeAmount(scene: Scene): Promise<Outcome> {
  const change: Tamper = ({ bytes }, forward) => {
    const iv = rewritten(bytes.subarray(0, BLOCK_BYTES), Buffer.from(SAID), Buffer.from(FORGED))
    const forged = Buffer.concat([iv, bytes.subarray(BLOCK_BYTES)])
    const from = FORGED.indexOf('999')
    const marks = [{ from, to: from + 3, meaning: 'three bytes of the IV' }]
    scene.tell(
      `Mallory guesses that the message begins with "${SAID.slice(0, BLOCK_BYTES)}". She XORs the text there and what she ` +
        'wants to stand there into the IV, and leaves the ciphertext alone.',
      { label: 'what alice sent', bytes, marks },
      { label: 'what bob gets', bytes: forged, marks },
    )
    forward.onward(forged)
  }
  const { alice, bob } = await openConversation(scene, 'textbook-aes', on(carrier('textbook-aes'), change))
  alice.say(SAID)
  const last = await bob.next('message', 'closed')
  const fooled = textsSeenBy(bob).includes(FORGED)
  return verdict(bob, last, fooled ? `alice said "${SAID}", bob reads "${FORGED}"` : null)
}

/**
 * The first block of a record that carries one text is known in advance: u32 batch | u32 length | TEXT | the first 7 of 8
 * bytes of its id. It is too short for words. But it says what follows: mallory makes two frames of it, the first of them a
 * GOODBYE, and bob would believe that alice has left.
 */
async function turnTextIntoGoodbye(scene: Scene): Promise<Outcome> {
  const batch = HEADER_BYTES + TEXT.headBytes + SAID.length
  const header = (type: number, body: number) =>
    encodeFrame({ type, body: new Uint8Array(body) }).subarray(0, HEADER_BYTES)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(batch)
  const known = Buffer.concat([length, header(TEXT.type, batch - HEADER_BYTES)], BLOCK_BYTES)
  // Behind the goodbye a text of what is left, which nobody will look at: after a goodbye nothing is read.
  const wanted = Buffer.concat(
    [length, header(GOODBYE.type, 0), header(TEXT.type, batch - 2 * HEADER_BYTES)],
    BLOCK_BYTES,
  )

  const change: Tamper = ({ bytes }, forward) => {
    const iv = bytes.subarray(HEADER_BYTES, HEADER_BYTES + BLOCK_BYTES)
    const forged = Buffer.from(bytes)
    forged.set(rewritten(iv, known, wanted), HEADER_BYTES)
    const marks = [{ from: HEADER_BYTES, to: HEADER_BYTES + BLOCK_BYTES, meaning: 'the IV' }]
    scene.tell(
      'The first block of a record has no words in it, but it says what follows. Mallory knows its bytes, and changes ' +
        'the IV so that it says: what follows is a goodbye.',
      { label: 'what alice sent', bytes, marks },
      { label: 'what bob gets', bytes: forged, marks },
    )
    forward.onward(forged)
  }
  const { alice, bob } = await openConversation(scene, 'aes', on(carrier('aes', 1), change))
  await say(alice, bob, 'hello')
  alice.say(SAID)
  const last = await bob.next('closed')
  const unaware = last.reason === 'bye'
  return verdict(bob, last, unaware ? `bob sees that alice has left; "${SAID}" never reached him` : null)
}
