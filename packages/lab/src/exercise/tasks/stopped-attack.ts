import { receiptMessage, textMessage } from '@p2p-secure-chat/basic-p2p/chat/session-messages'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { oneOf, wholeNumber, wholeText } from '../answer-form.ts'
import { callAndAccept, callBetween } from '../talks/call.ts'
import type { Exercise } from '../exercise.ts'
import { personOf } from '../talks/person.ts'
import { appointment } from '../talks/phrases.ts'
import { secureTalk } from '../talks/secure-talk.ts'
import { captureOf, type Said } from '../talks/talk-capture.ts'
import type { Variant } from '../variant.ts'

export const stoppedAttack: Exercise = {
  name: 'stopped-attack',
  title: 'Why the same attack fails against aes-chat',
  session: 4,
  minutes: 30,
  parts: [
    { key: 'packet', points: 2, asks: 'the packet with the record that mallory altered', form: wholeNumber },
    {
      key: 'sequence',
      points: 2,
      asks: 'the sequence number with which bob checks it: it is not on the wire',
      form: wholeNumber,
    },
    {
      key: 'check',
      points: 2,
      asks: 'what bob looks at first, and what makes him refuse it',
      form: oneOf('iv', 'ciphertext', 'padding', 'tag', 'signature'),
    },
    {
      key: 'code',
      points: 1,
      asks: "the code that bob's client shows",
      form: oneOf('bad-record', 'bad-message', 'bad-frame', 'handshake-failed', 'cut', 'timeout'),
    },
    { key: 'last', points: 3, asks: "alice's last text that stood on bob's screen, word for word", form: wholeText },
  ],
  script: null,
  prepare,
}

async function prepare(variant: Variant) {
  const people = { initiator: personOf(variant, 'alice'), responder: personOf(variant, 'bob') }
  const { opening, keyLog, record } = await secureTalk(variant, people)
  const { call, accept } = callAndAccept(variant, 'call')
  const count = variant.integer('texts', 3, 7)
  const texts = Array.from({ length: count }, (_, i) => appointment(variant, `text ${i}`))
  const said: Said[] = [...opening, record('dialler', call), record('listener', accept)]
  for (const [i, text] of texts.entries()) {
    const sent = record('dialler', textMessage(BigInt(i + 1), text))
    said.push(i === count - 1 ? altered(variant, sent) : sent)
    if (i < count - 1) said.push(record('listener', receiptMessage(BigInt(i + 1))))
  }
  const capture = captureOf([{ ...callBetween('alice', 'bob'), said }])
  return {
    task: `Mallory has forged records against the textbook by flipping bits of the IV. She tries the same with aes-chat: she sits between alice (10.0.0.2) and
bob (10.0.0.3), lets some of alice's records pass, and then alters one. \`capture.pcapng\` was recorded at bob's, behind mallory. Nothing came after
that record.

\`capture.keys\` is the key log of alice's client: with it you see what mallory never saw.

Which record stopped her? What did bob check, with what, and what did he still read?`,
    hints: [
      '`chat-lab read capture.pcapng --keys capture.keys` opens what can be opened, and at the end it lists what is wrong.',
      'A record has no number on the wire. Both sides count, each direction for itself, from 0: docs/protocol.md, "Records on the aes rung". The call is a record as well.',
      'Read there in which order bob checks a record, and why nothing is decrypted before that. With `--json` the texts are there whole.',
    ],
    files: { 'capture.pcapng': capture.file, 'capture.keys': keyLog },
    solution: {
      packet: String(capture.packets[0]?.at(-1)),
      // One record was the call.
      sequence: String(count),
      check: 'tag',
      code: 'bad-record',
      last: texts.at(-2) ?? '',
    },
  }
}

/** With some bits of its IV flipped. */
function altered(variant: Variant, { from, bytes }: Said): Said {
  const at = HEADER_BYTES + variant.integer('byte of the IV', 4, 15)
  const bits = variant.integer('bits', 1, 255)
  return { from, bytes: bytes.map((byte, i) => (i === at ? byte ^ bits : byte)) }
}
