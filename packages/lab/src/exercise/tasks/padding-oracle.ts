import { once } from 'node:events'
import type { Socket } from 'node:net'
import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Listener } from '@p2p-secure-chat/core/net/listen'
import { readLines } from '@p2p-secure-chat/core/input/lines'
import { type Exercise, type Trial, wholeText } from '../exercise.ts'
import { thing } from '../conversations/phrases.ts'
import { outputOf, SCRIPT_SECONDS } from '../script-run.ts'
import { textbookConversation } from '../conversations/textbook-conversation.ts'
import { branchOf, type Variant } from '../variant.ts'
import { listenHere } from '@p2p-secure-chat/stage/own-network'

const SCRIPT = 'attack.mjs'

/** Of real size: the key is out of reach, and so is the exponent. */
const GROUP = 'ffdhe2048'

export const paddingOracleExercise: Exercise = {
  name: 'padding-oracle',
  title: 'Read a record by its padding',
  session: 3,
  minutes: 75,
  parts: [
    { key: 'text', points: 4, asks: 'what the record in record.txt says, word for word', form: wholeText },
    {
      key: 'attack',
      points: 6,
      asks: `${SCRIPT} reads another record, of another service with another key`,
      form: null,
    },
  ],
  script: SCRIPT,
  prepare: variant => Promise.resolve(prepare(variant)),
  serve: (variant, port) => startOracle(sealed(variant, 'record'), port),
}

/** A text, and bob who can decrypt it. */
interface Sealed {
  readonly text: string
  readonly record: Uint8Array
  readonly open: (record: Uint8Array) => string
}

function sealed(variant: Variant, label: string): Sealed {
  const { protection } = textbookConversation(branchOf(variant, label), namedGroup(GROUP))
  // Three blocks: each byte of it costs a hundred questions.
  const text = `The ${thing(variant, label)} opens with ${variant.integer(`${label} code`, 10_000, 99_999)}.`
  return { text, record: protection.seal(text), open: protection.open }
}

/**
 * Bob, who takes records from anyone: each line is one in hex, and he answers `taken`, or `refused` for wrong
 * padding. He says no more than the textbook's program does, which ends the connection in the second case; here it stays, to
 * save time.
 */
async function startOracle({ open }: Sealed, port: number): Promise<Listener> {
  async function answer(socket: Socket): Promise<void> {
    for await (const line of readLines(socket)) {
      const record = Buffer.from('text' in line ? line.text : '', 'hex')
      // Backpressure: answers that the client does not read must not pile up here.
      if (!socket.write(accepts(open, record) ? 'taken\n' : 'refused\n')) await once(socket, 'drain')
    }
    socket.end()
  }
  // A connection that breaks is the end of one student's attempt.
  return listenHere({ host: '127.0.0.1', port }, socket => void answer(socket).catch(() => socket.destroy()))
}

function accepts(open: Sealed['open'], record: Uint8Array): boolean {
  if (record.length < 2 * BLOCK_BYTES || record.length % BLOCK_BYTES !== 0) return false
  try {
    open(record)
    return true
  } catch (error) {
    rethrowUnless(error)
    return false
  }
}

function prepare(variant: Variant) {
  const { text, record } = sealed(variant, 'record')
  return {
    task: `\`record.txt\` has a record of the textbook's chat in hex: \`IV (16 bytes) | AES-256-CBC\`, with PKCS#7
padding. You do not have the key, and cannot guess it.

Bob has the key. Anyone can connect and send him records. For each he says only whether its padding was right. Start
him in a second terminal, from the folder where you started this exercise:

    chat-lab exercise serve padding-oracle

He prints his address. Send him a record in hex as one line, and he answers with one line: \`taken\`, or \`refused\`.

Write the attack in \`${SCRIPT}\`: it gets the port and a record in hex, and prints the text. The code
that connects to bob is already there. In this folder:

    node ${SCRIPT} PORT "$(cat record.txt)"

The check runs it against another bob, with another key and another record, for at most ${SCRIPT_SECONDS} seconds. It may
import only the modules of Node.js, write no files and start no programs.`,
    hints: [
      'Take one block of the ciphertext, and put a block of your own in front of it: a record of 32 bytes. Its text is D(block) XOR your block. If its last byte is 1, the padding is right and bob takes it.',
      'So try all 256 values of the last byte of your block. The one that is taken tells the last byte of D(block). With the real block before it, that is a byte of the text. Then aim at 2 2, then at 3 3 3, from the end to the beginning.',
      'More than one value may be taken for the last byte: 2 2 is a padding as well. Change the byte before it and ask again. The first block of the text needs the IV as the block before it. At the end take the padding off the text.',
    ],
    files: { 'record.txt': `${Buffer.from(record).toString('hex')}\n` },
    solution: { text },
    tryScript: async (script: string, trial: Trial) => ({
      attack: await tryAttack(script, sealed(variant, 'another record'), trial),
    }),
  }
}

async function tryAttack(script: string, target: Sealed, trial: Trial): Promise<string | null> {
  const oracle = await startOracle(target, 0)
  try {
    const record = Buffer.from(target.record).toString('hex')
    const { output, fault } = await outputOf(script, [String(oracle.port), record], trial)
    if (fault !== null) return fault
    if (output.trim() === '') return 'it printed nothing'
    return output.trim() === target.text ? null : 'it printed something other than the text of the record'
  } finally {
    oracle.stop()
    oracle.destroyAll()
  }
}
