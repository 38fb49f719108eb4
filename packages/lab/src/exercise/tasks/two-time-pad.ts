import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { keystreamProtection } from '@p2p-secure-chat/dh-chat/keystream-protection'
import { type Exercise, hexBytes, wholeText } from '../exercise.ts'
import { appointment, place, thing } from '../conversations/phrases.ts'
import type { Variant } from '../variant.ts'

const KEY_BYTES = 32

export const twoTimePad: Exercise = {
  name: 'two-time-pad',
  title: 'Use a key stream that was used twice',
  session: 3,
  minutes: 40,
  parts: [
    { key: 'text', points: 5, asks: "alice's second text, word for word", form: wholeText },
    { key: 'forged', points: 5, asks: 'the body of a record that bob reads as the third text', form: hexBytes },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  // What the faulty client does after each reconnect.
  const fresh = () =>
    keystreamProtection({
      send: variant.random('key stream')(KEY_BYTES),
      receive: variant.random('key stream')(KEY_BYTES),
    })
  const frameOf = (text: string) => encodeFrame(TEXT.message({ id: 1n, text }))
  const known = `${appointment(variant, 'known')} Please do not be late, and bring an umbrella.`
  const secret = `The ${thing(variant, 'secret')} opens with ${variant.integer('code', 10_000, 99_999)}, tell nobody.`
  const wanted = `It is under the ${thing(variant, 'wanted')} of the ${place(variant, 'wanted')}.`
  const record = (text: string) => Buffer.from(fresh().seal(frameOf(text))).toString('hex')
  return {
    task: `The records of the dh rung are a key stream XOR whole frames. No byte of the stream may be used twice.
Someone wrote a client that gets this wrong: whenever it reconnects, it keeps the old keys and restarts the stream.

\`records.txt\` has the bodies of two records in hex. Alice sent the first one, and the second one after it reconnected.
Each carries one frame of type TEXT, with id 1. You know the first text, because it was also on a note:

    ${known}

1. What is her second text?
2. The connection breaks once more. Send bob a record in her name: make the body, in hex, with one frame of type TEXT and
   id 1, that he reads as

       ${wanted}`,
    hints: [
      'A frame is `u32 length | u8 type | body`, and the body of a TEXT is `u64 id | UTF-8 text` (docs/protocol.md). So you know every byte of the first frame, not just the text.',
      'Record XOR frame is key stream. It is the same for both records, and for the third.',
      'The length in a frame counts the type and the body: 1 + 8 + the bytes of the text. The third text is shorter than the first, so you have enough of the stream.',
    ],
    files: { 'records.txt': `${record(known)}\n${record(secret)}\n` },
    solution: {
      text: secret,
      forged: (answer: string) =>
        Buffer.from(fresh().open(Buffer.from(answer, 'hex'))).equals(frameOf(wanted))
          ? null
          : 'bob does not read that text in it',
    },
  }
}
