import { wholeNumber, wholeText } from '../answer-form.ts'
import { callBetween } from '../basic-talk.ts'
import type { Exercise } from '../exercise.ts'
import { appointment, remark } from '../phrases.ts'
import { captureOf } from '../talk-capture.ts'
import { SMALL_GROUPS, textbookTalk } from '../textbook-talk.ts'
import type { Variant } from '../variant.ts'
import { END_OF_CHAT } from '../../stage/rungs.ts'

export const textbookSecret: Exercise = {
  name: 'textbook-secret',
  title: 'Find the secret of a textbook exchange, and read what is under it',
  session: 2,
  minutes: 40,
  parts: [
    { key: 'exponent', points: 3, asks: "alice's private exponent, the smallest one that fits", form: wholeNumber },
    { key: 'secret', points: 2, asks: 'the secret that both computed', form: wholeNumber },
    { key: 'text', points: 3, asks: "alice's first text, word for word", form: wholeText },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const group = variant.pick('group', SMALL_GROUPS)
  const { opening, exponents, secret, protection } = textbookTalk(variant, group)
  const text = appointment(variant, 'text')
  const said = [
    ...opening,
    { from: 'dialler' as const, bytes: protection.seal(text) },
    { from: 'listener' as const, bytes: protection.seal(remark(variant, 'answer')) },
    { from: 'dialler' as const, bytes: protection.seal(END_OF_CHAT) },
    { from: 'listener' as const, bytes: protection.seal(END_OF_CHAT) },
  ]
  return {
    task: `Alice (10.0.0.2) calls bob (10.0.0.3) with the chat of the textbook, and \`capture.pcapng\` is what crossed the wire. Each of them
first sends their public value as a decimal number. The group is on a slide of the lecture: p = ${group.p}, g = ${group.g}. A private exponent is a
number from 2 to p - 2.

Then each text is one segment: \`IV (16 bytes) | AES-256-CBC\` with PKCS#7 padding. The key is the SHA-256 of the secret, written in decimal, as
in \`sha256("1234")\`.

Find alice's exponent, the secret, and what she said first. Then think about how much longer it would take with a p of
2,048 bits.`,
    hints: [
      'Every exponent is below p, and p has five digits: a loop is enough. Multiply by g and reduce modulo p until the public value stands there.',
      "The secret is bob's public value to the power of alice's exponent, modulo p. Reduce after each multiplication, and use whole numbers that do not overflow (BigInt, or any integer of Python).",
      'The first 16 bytes of the segment are the IV. `openssl enc -d -aes-256-cbc -K KEY -iv IV` decrypts the others. `chat-lab crack capture.pcapng` finds the secret in another way: which one, and why does it need no p?',
    ],
    files: { 'capture.pcapng': captureOf([{ ...callBetween('alice', 'bob'), said }]).file },
    solution: { exponent: String(exponents.dialler), secret: String(secret), text },
  }
}
