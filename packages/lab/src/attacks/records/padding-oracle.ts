import { BLOCK_BYTES } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { MAC_BYTES } from '@p2p-secure-chat/core/cipher/mac'
import { HEADER_BYTES } from '@p2p-secure-chat/core/wire/frame'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { flip, once } from '@p2p-secure-chat/stage/tampering'
import type { Tamper } from '@p2p-secure-chat/stage/path'
import { broken, leaks, type Outcome, type Plays, resisted, type Scene } from '../attack.ts'
import { startBoth, callAndAccept, type BothOnline, openConversation, say } from '../both-online.ts'
import { carrier, objection } from './tampering.ts'
import { decryptByPadding } from './padding-search.ts'
import { textbookQuestions } from './textbook-questions.ts'

const SAID = 'the safe opens with 4711'

export const paddingOracle: Plays = {
  'textbook-aes': askTextbook,
  aes: askClient,
}

/** Bob keeps one exponent, so with the public value of alice mallory gets the key of alice: not to use, but to ask about. */
async function askTextbook(scene: Scene): Promise<Outcome> {
  const { alice, bob, path } = await openConversation(scene, 'textbook-aes')
  await say(alice, bob, SAID)
  const [{ bytes: publicValue }, { bytes: sealed }] = await Promise.all([
    path.awaits({ from: 'dialler', nth: 0 }),
    path.awaits(carrier('textbook-aes')),
  ])
  scene.tell(
    'Mallory has recorded the public value of alice and a text. She calls bob herself, with that value: so he has the same key.',
    { label: 'the public value', bytes: publicValue },
    { label: 'the text', bytes: sealed, marks: [{ from: 0, to: BLOCK_BYTES, meaning: 'the IV' }] },
  )
  const questions = textbookQuestions(bob.address, publicValue, scene.tap)
  scene.afterwards(() => questions.stop())
  let text = ''
  for (let at = BLOCK_BYTES; at < sealed.length; at += BLOCK_BYTES) {
    const block = sealed.subarray(at, at + BLOCK_BYTES)
    const plaintext = await decryptByPadding(questions.ask, sealed.subarray(at - BLOCK_BYTES, at), block)
    scene.tell(`After ${questions.asked} questions she knows ${at / BLOCK_BYTES} of the blocks.`, {
      label: 'what is in it',
      bytes: plaintext,
    })
    text += Buffer.from(plaintext).toString()
  }
  // The last block ends in the padding, which says how long it is.
  text = text.slice(0, -text.charCodeAt(text.length - 1))
  if (text !== SAID) throw new Error(`mallory reads ${JSON.stringify(text)}`)
  return broken(`mallory reads "${text}", after ${questions.asked} questions that bob answered with yes or no`)
}

/** One changed bit, and what it does to the padding. */
interface Alteration {
  readonly padding: 'right' | 'wrong'
  /** Byte of the frame; a negative number counts from its end. */
  readonly at: number
}

/** From the end of a record: the tag, the block that is all padding, and the last byte of the block before it. */
const DECIDES_PADDING = -(MAC_BYTES + BLOCK_BYTES + 1)

/** The IV changes the first block of the plaintext alone: there stands the id of the text. */
const IN_IV = HEADER_BYTES + BLOCK_BYTES - 1

const ALTERATIONS: readonly Alteration[] = [
  { padding: 'wrong', at: DECIDES_PADDING },
  { padding: 'right', at: IN_IV },
  { padding: 'wrong', at: DECIDES_PADDING - 1 },
  { padding: 'right', at: IN_IV - 1 },
]

async function askClient(scene: Scene): Promise<Outcome> {
  const meeting = await startBoth(scene, 'aes')
  const answers: string[] = []
  for (const alteration of ALTERATIONS) answers.push(await whatBobShows(scene, meeting, alteration))
  const [wrong = '', right = ''] = answers
  const alike = answers.every(answer => answer === wrong)
  if (!alike) return leaks(`to a wrong padding bob answers "${wrong}", to a right one "${right}"`)
  return resisted(
    `${answers.length} records with right or wrong padding, one to a conversation, all had the same answer: ${wrong}`,
  )
}

/** What shows of bob on the wire and on his screen when a record was altered: the conversation is over with it. */
async function whatBobShows(
  { tell }: Scene,
  { alice, bob, path }: BothOnline,
  { padding, at }: Alteration,
): Promise<string> {
  const alter: Tamper = (passing, forward) => {
    const from = at < 0 ? passing.bytes.length + at : at
    tell(`Alice has called and says something. Mallory changes the record, so that its padding is ${padding}.`, {
      label: 'what alice sent',
      bytes: passing.bytes,
      marks: [{ from, to: from + 1, meaning: 'where a bit is flipped' }],
    })
    flip(at)(passing, forward)
  }
  path.setTamper(once(carrier('aes'), alter))
  await callAndAccept(alice, bob)
  alice.say(SAID)
  const { connection } = await path.awaits(carrier('aes'))
  const code = objection(bob, await bob.next('closed'))
  // She has seen the end of that connection, so nothing more comes over it.
  await alice.next('closed')
  const records = path.passed.filter(
    passing => passing.connection === connection && passing.from === 'listener' && passing.type === RECORD.type,
  )
  // The first one was his ACCEPT.
  const answer = `${records.length === 1 ? 'no record' : 'a record'}, and the end (${code})`
  tell(`This is how bob answers: ${answer}.`)
  return answer
}
