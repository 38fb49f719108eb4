import { type Exercise, wholeNumber, wholeText } from '../exercise.ts'
import { callBetween, captureOf, type Said } from '../conversations/conversation-capture.ts'
import { appointment, remark } from '../conversations/phrases.ts'
import { smallGroup, type TextbookConversation, textbookConversation } from '../conversations/textbook-conversation.ts'
import type { Variant } from '../variant.ts'
import { END_OF_CHAT } from '../../rungs.ts'

export const textbookSecret: Exercise = {
  name: 'textbook-secret',
  title: 'Find the numbers of a textbook exchange, and read what is under them',
  session: 2,
  minutes: 45,
  parts: [
    { key: 'prime', points: 2, asks: 'the prime p', form: wholeNumber },
    { key: 'exponent', points: 2, asks: "alice's private exponent", form: wholeNumber },
    { key: 'secret', points: 2, asks: 'the secret of alice and bob', form: wholeNumber },
    { key: 'text', points: 2, asks: "alice's first text to carol, word for word", form: wholeText },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const group = smallGroup(variant)
  // Two talks: a wrong prime may fit the secret of one by chance, and hardly ever those of both.
  const withBob = textbookConversation(variant, group, 'bob')
  const withCarol = textbookConversation(variant, group, 'carol')
  const text = appointment(variant, 'for carol')
  const { file } = captureOf([
    {
      ...callBetween('alice', 'bob', 0),
      said: saidIn(withBob, appointment(variant, 'for bob'), remark(variant, 'bob')),
    },
    { ...callBetween('alice', 'carol', 1), said: saidIn(withCarol, text, remark(variant, 'carol')) },
  ])
  return {
    task: `Alice (10.0.0.2) calls bob (10.0.0.3) and then carol (10.0.0.4) with the chat of the textbook, and
\`capture.pcapng\` is what crossed the wire. In each call both sides first send their public value as a decimal number.
All use the same group. Its generator is on a slide of the lecture: g = ${group.g}. Its prime p is not. You know this
much: p is a safe prime (so (p - 1) / 2 is a prime as well), and it has five digits. Alice keeps one private exponent
for both calls: a number from 2 to p - 2.

Then each text is one segment: \`IV (16 bytes) | AES-256-CBC\` with PKCS#7 padding. The key is the SHA-256 of the
secret, written in decimal, as in \`sha256("1234")\`.

Find the prime, alice's exponent, the secret that she has with bob, and what she said first to carol. Then think about
how much longer it would take with a p of 2,048 bits, and whether it would help to keep that p a secret.`,
    hints: [
      'There are about 500 safe primes of five digits, and p is above every public value. So try them all: for each, multiply by g and reduce modulo p until the public value of alice stands there. The number of multiplications is what the exponent would be, and if the value never comes, it is another prime.',
      "The secret is bob's public value to the power of alice's exponent, modulo p. Reduce after each multiplication, and use whole numbers that do not overflow (BigInt, or any integer of Python). With the right p it opens a text. A wrong p may fit the call to bob by chance, but not both calls.",
      '`chat-lab crack capture.pcapng` finds the secrets of both calls in another way (which one, and why does it need no p?). Then nothing needs to be decrypted in your loop: compare secrets. `chat-lab read capture.pcapng --json` has public values, IVs and ciphertexts.',
    ],
    files: { 'capture.pcapng': file },
    solution: {
      prime: String(group.p),
      exponent: String(withBob.exponent),
      secret: String(withBob.secret),
      text,
    },
  }
}

/** Alice says something, the other one answers, and both leave. */
function saidIn({ opening, protection }: TextbookConversation, text: string, answer: string): Said[] {
  return [
    ...opening,
    { from: 'dialler', bytes: protection.seal(text) },
    { from: 'listener', bytes: protection.seal(answer) },
    { from: 'dialler', bytes: protection.seal(END_OF_CHAT) },
    { from: 'listener', bytes: protection.seal(END_OF_CHAT) },
  ]
}
