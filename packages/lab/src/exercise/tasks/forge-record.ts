import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import { type Exercise, hexBytes } from '../exercise.ts'
import { callBetween, captureOf } from '../conversations/conversation-capture.ts'
import { thing } from '../conversations/phrases.ts'
import { textbookConversation } from '../conversations/textbook-conversation.ts'
import type { Variant } from '../variant.ts'
import type { TextbookProtection } from '../../textbook/chat.ts'

/** Of real size: the key is out of reach. */
const GROUP = 'ffdhe2048'

/** An IV and a single block. */
const SHORT_BYTES = 2 * BLOCK_BYTES

/** At most 15 characters: one block with its padding. */
const SHORT = ['no, not today', 'keep the money', 'it was carol', 'burn the letter', 'stay at home'] as const

export const forgeRecord: Exercise = {
  name: 'forge-record',
  title: "Forge records against the textbook's AES",
  session: 3,
  minutes: 50,
  parts: [
    { key: 'record', points: 5, asks: 'the record that reads as the long text', form: hexBytes },
    { key: 'short', points: 5, asks: `a record of ${SHORT_BYTES} bytes that reads as the short text`, form: hexBytes },
  ],
  script: null,
  prepare: variant => Promise.resolve(prepare(variant)),
}

function prepare(variant: Variant) {
  const { opening, protection } = textbookConversation(variant, namedGroup(GROUP))
  const cents = variant.integer('amount', 101, 499)
  const rest = ` for the ${thing(variant, 'bought')}, and thank her from me`
  const said = `pay carol ${cents}${rest}`
  const wanted = `pay alice ${cents + variant.integer('more', 400, 499)}${rest}`
  const short = variant.pick('short', SHORT)
  const record = protection.seal(said)
  const talk = { ...callBetween('alice', 'bob'), said: [...opening, { from: 'dialler' as const, bytes: record }] }
  return {
    task: `Alice (10.0.0.2) and bob (10.0.0.3) use the textbook's chat, in a group of 2,048 bits: you will not find
their secret. But you know what alice wrote:

    ${said}

\`capture.pcapng\` has the two public values and then her only record, \`IV (16 bytes) | AES-256-CBC\`, with PKCS#7
padding.

You sit on the path and can send bob any bytes in its place. Forge two records, in hex, without the key:

1. \`record\`: bob must read

       ${wanted}

2. \`short\`: an IV and a single block. Bob must read

       ${short}`,
    hints: [
      'In CBC the first block of the text is D(first block of the ciphertext) XOR IV. You know the text, and you choose the IV.',
      'The two long texts differ only in their first 16 characters. XOR the IV with both the actual and the wanted characters.',
      'For the short one, take any block of the record and the block before it: since you know the text, they give D(block). The first block will do. Then choose the IV. A text of 13 characters is followed by three bytes 3: mind the padding.',
    ],
    files: { 'capture.pcapng': captureOf([talk]).file },
    solution: {
      record: (answer: string) => faultOf(answer, wanted, protection),
      short: (answer: string) =>
        answer.length === 2 * SHORT_BYTES ? faultOf(answer, short, protection) : `it must have ${SHORT_BYTES} bytes`,
    },
  }
}

function faultOf(hex: string, wanted: string, protection: TextbookProtection): string | null {
  const bytes = Buffer.from(hex, 'hex')
  if (bytes.length < 2 * BLOCK_BYTES || bytes.length % BLOCK_BYTES !== 0) {
    return 'a record is an IV and whole blocks of 16 bytes'
  }
  return textIn(bytes, protection) === wanted ? null : 'bob does not read that text in it'
}

/** Null for a wrong padding. The remark on an answer is the same for both: else a check would be a padding oracle. */
function textIn(record: Uint8Array, { open }: TextbookProtection): string | null {
  try {
    return open(record)
  } catch (error) {
    rethrowUnless(error)
    return null
  }
}
