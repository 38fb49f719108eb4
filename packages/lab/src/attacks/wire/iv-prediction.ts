import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import type { Side } from '@p2p-secure-chat/core/capture/tcp-conversation'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import type { Passing } from '@p2p-secure-chat/stage/path'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { openConversation, say } from '../both-online.ts'

/** Texts that each of the two says: some hundred IVs of each. */
const TEXTS = 150

export const ivPrediction: Plays = {
  'textbook-aes': foresee('textbook-aes'),
  aes: foresee('aes'),
}

/** What mallory sees of one sealed message. */
interface Sealed {
  readonly iv: Buffer
  readonly lastBlock: Buffer
}

/** Ways to foresee an IV, from what the same side sent before. */
const GUESSES: readonly {
  readonly words: string
  readonly guess: (before: readonly Sealed[]) => Buffer | undefined
}[] = [
  { words: 'the last ciphertext block of the record before', guess: before => before.at(-1)?.lastBlock },
  { words: 'the IV before it', guess: before => before.at(-1)?.iv },
  { words: 'the IV before it, plus one', guess: before => plusOne(before.at(-1)?.iv) },
  { words: 'the first IV of all', guess: before => before[0]?.iv },
  { words: 'zeros', guess: () => Buffer.alloc(BLOCK_BYTES) },
]

function foresee(rung: 'textbook-aes' | 'aes'): Play {
  return async scene => {
    const { alice, bob, path } = await openConversation(scene, rung)
    scene.tell(`Alice and bob say ${TEXTS} short texts each, and mallory writes down the IV of every one.`)
    for (let i = 0; i < TEXTS; i++) {
      // Each waits for the other, or many texts would travel in one record.
      await say(alice, bob, `a${i}`)
      await say(bob, alice, `b${i}`)
    }
    const sealedBy = (side: Side) => path.passed.filter(({ from }) => from === side).flatMap(sealedIn[rung])
    return judge(scene, [sealedBy('dialler'), sealedBy('listener')])
  }
}

/** Where the IV and the last block of the ciphertext stand; the first segment of the textbook is a public value. */
const sealedIn: Readonly<Record<'textbook-aes' | 'aes', (passing: Passing) => Sealed[]>> = {
  'textbook-aes': ({ bytes, nth }) => (nth === 0 ? [] : [sealed(bytes)]),
  aes: ({ type, bytes }) => (type === RECORD.type ? [sealed(bytes.subarray(HEADER_BYTES, -MAC_BYTES))] : []),
}

const sealed = (bytes: Uint8Array): Sealed => ({
  iv: Buffer.from(bytes.subarray(0, BLOCK_BYTES)),
  lastBlock: Buffer.from(bytes.subarray(-BLOCK_BYTES)),
})

function judge({ tell }: Scene, sides: readonly Sealed[][]): Outcome {
  const total = sides.reduce((sum, { length }) => sum + length, 0)
  if (total < 2 * TEXTS) throw new Error(`only ${total} IVs were seen`)
  const [before, next] = sides.flatMap(records => records.slice(-2))
  if (before !== undefined && next !== undefined) {
    tell(
      'Before each record she guesses its IV from what the same side sent before. This is what she has, and what comes:',
      {
        label: 'IV and last block of a record',
        bytes: Buffer.concat([before.iv, before.lastBlock]),
        marks: [{ from: 0, to: BLOCK_BYTES, meaning: 'the IV' }],
      },
      { label: 'the IV of the next', bytes: next.iv },
    )
  }
  for (const { words, guess } of GUESSES) {
    const hits = sides.flatMap(records =>
      records.filter(({ iv }, i) => i > 0 && guess(records.slice(0, i))?.equals(iv)),
    )
    // By chance none would be right in the life of the universe: one in 2^128.
    if (hits.length > 0) {
      return broken(`mallory foresees ${Math.floor((100 * hits.length) / total)} of 100 IVs: each is ${words}`)
    }
  }
  return resisted(`${total} IVs, ${GUESSES.length} guesses at each (${GUESSES[0]?.words}, ...): none was right`)
}

/** As a number of 128 bits. */
function plusOne(iv: Buffer | undefined): Buffer | undefined {
  if (iv === undefined) return undefined
  const next = (BigInt(`0x${iv.toString('hex')}`) + 1n) % (1n << 128n)
  return Buffer.from(next.toString(16).padStart(2 * BLOCK_BYTES, '0'), 'hex')
}
