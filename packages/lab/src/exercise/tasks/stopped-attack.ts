import { RECEIPT, TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { type Exercise, oneOfChoices, wholeNumber, wholeText } from '../exercise.ts'
import { callWasAccepted, callBetween, captureOf, type Said } from '../conversations/conversation-capture.ts'
import { personOf, secureConversation } from '../conversations/secure-conversation.ts'
import { appointment } from '../conversations/phrases.ts'
import { branchOf, type Variant } from '../variant.ts'

export const stoppedAttack: Exercise = {
  name: 'stopped-attack',
  title: 'Why the padding oracle attack fails against aes-chat',
  session: 4,
  minutes: 40,
  parts: [
    { key: 'questions', points: 1, asks: 'how many questions of the script bob received in all', form: wholeNumber },
    { key: 'packet', points: 1, asks: 'the packet with the last one', form: wholeNumber },
    {
      key: 'wanted',
      points: 3,
      asks: "the text of alice's that the script tries to read, word for word",
      form: wholeText,
    },
    {
      key: 'sequence',
      points: 2,
      asks: 'the sequence number with which bob checks the last question: it is not on the wire',
      form: wholeNumber,
    },
    {
      key: 'check',
      points: 2,
      asks: 'what bob checks first, which makes him refuse each question',
      form: oneOfChoices('iv', 'ciphertext', 'padding', 'tag', 'signature'),
    },
    {
      key: 'code',
      points: 1,
      asks: "the code that bob's client shows",
      form: oneOfChoices('bad-record', 'bad-message', 'bad-frame', 'handshake-failed', 'cut', 'timeout'),
    },
  ],
  script: null,
  prepare,
}

async function prepare(variant: Variant) {
  const questions = variant.integer('questions', 3, 5)
  const calls = [await callOf(variant, 0)]
  const [first] = calls
  const wanted = variant.integer('wanted', 0, (first?.texts.length ?? 1) - 1)
  const target = first?.records[wanted]?.bytes ?? new Uint8Array()
  while (calls.length < questions) calls.push(await callOf(variant, calls.length))
  const capture = captureOf(
    calls.map(({ said }, i) => ({
      ...callBetween('alice', 'bob', i),
      said: [...said, { from: 'dialler', bytes: questionAbout(target, i) }],
    })),
  )
  return {
    task: `All that your \`padding-oracle\` script needs is a bob who reveals whether he accepts a record.
Mallory points it at aes-chat. She sits between alice (10.0.0.2) and bob (10.0.0.3), has recorded what alice says, and
picks a block that she wants to read. When alice sends her next text, mallory holds it back and sends bob a question of
the script instead: a block of her own, followed by the block that she wants to read. Around these two she keeps the
rest of the original record, so that it looks like one of aes-chat: its IV and first blocks before them, and its tag
after them.

The script waits to see whether bob accepts it. When the connection ends, mallory waits until alice calls again, and
the script asks its next question.

\`capture.pcapng\` was recorded on bob's machine, beyond mallory. \`capture.keys\` is the key log of alice's client: with it you
see what mallory never saw.

What does the script try to read, how far does it get, and what stops it? Against the textbook it takes about a hundred
questions for a byte. How many calls would it need here, and why would even that many not help?`,
    hints: [
      '`chat-lab read capture.pcapng --keys capture.keys` decrypts what it can, and lists the errors at the end. The last record of alice in each call is a question.',
      'All questions begin with the same IV, the IV of the record that the block came from. `--json` shows the full bytes and text of each record.',
      'A record has no number on the wire. Both sides count, each direction for itself, from 0: docs/protocol.md, "Records on the aes rung". The call is a record as well. That section also says in which order bob checks a record, and why he decrypts nothing before that.',
    ],
    files: { 'capture.pcapng': capture.file, 'capture.keys': calls.map(({ keyLog }) => keyLog).join('') },
    solution: {
      questions: String(questions),
      packet: String(capture.packets.at(-1)?.at(-1)),
      wanted: first?.texts[wanted] ?? '',
      // One record was the call.
      sequence: String(1 + (calls.at(-1)?.texts.length ?? 0)),
      check: 'tag',
      code: 'bad-record',
    },
  }
}

/** Alice calls bob and says a few things. Each call has keys of its own. */
async function callOf(variant: Variant, nth: number) {
  const own = branchOf(variant, `call ${nth}`)
  const people = { initiator: personOf(variant, 'alice'), responder: personOf(variant, 'bob') }
  const { opening, keyLog, record } = await secureConversation(own, people)
  const { call, accept } = callWasAccepted(own, 'call')
  const texts = Array.from({ length: own.integer('texts', 2, 5) }, (_, i) => appointment(own, `text ${i}`))
  const said: Said[] = [...opening, record('dialler', call), record('listener', accept)]
  const records = texts.map((text, i) => {
    const sent = record('dialler', TEXT.message({ id: BigInt(i + 1), text }))
    said.push(sent, record('listener', RECEIPT.message({ id: BigInt(i + 1) })))
    return sent
  })
  return { said, texts, records, keyLog }
}

/** Behind the IV and two blocks: in what a text becomes, the first one with nothing but letters in it. */
const WANTED_BLOCK = HEADER_BYTES + 3 * BLOCK_BYTES

/**
 * What the script asks: a block whose last byte is its guess, then the block that it wants to read. They stand in the
 * place of the last two blocks of the record from which that one is.
 */
function questionAbout(record: Uint8Array, guess: number): Uint8Array {
  const question = Uint8Array.from(record)
  const end = question.length - MAC_BYTES
  const own = new Uint8Array(BLOCK_BYTES).fill(guess, BLOCK_BYTES - 1)
  question.set(own, end - 2 * BLOCK_BYTES)
  question.set(record.subarray(WANTED_BLOCK, WANTED_BLOCK + BLOCK_BYTES), end - BLOCK_BYTES)
  return question
}
