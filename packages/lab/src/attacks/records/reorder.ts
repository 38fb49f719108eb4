import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FILE_OFFER } from '@p2p-secure-chat/basic-p2p/messages/files'
import { RESULT } from '@p2p-secure-chat/calculator/messages'
import { rewrite } from '@p2p-secure-chat/stage/tampering'
import { type Tamper, matches, pass, type Passing, type Which } from '@p2p-secure-chat/stage/path'
import { type ChatRung, isTextbook } from '../../rungs.ts'
import type { TestClient } from '@p2p-secure-chat/stage/testbed'
import { broken, type Outcome, type Play, type Plays, type Scene } from '../attack.ts'
import { askCalculator, openConversation } from '../both-online.ts'
import { carrier, verdict } from './tampering.ts'

/** What alice sends first: a file, or its words where there are no files. */
const CONTRACT = 'contract.txt'
const CONTRACT_TEXT = 'I sign the contract.'
/** Read in front of it, this says something else. */
const REVOCATION = 'Forget what I sent before this.'

const CALCULATIONS = ['1 + 1', '40 + 2'] as const

export const reorder: Plays = {
  calc: swapAnswers,
  basic: overtake('basic'),
  'textbook-dh': overtake('textbook-dh'),
  'textbook-aes': overtake('textbook-aes'),
  dh: overtake('dh'),
  aes: overtake('aes'),
}

/** Answers have the number of their question: mallory gives each the number of the other one. */
async function swapAnswers(scene: Scene): Promise<Outcome> {
  let first: Passing | null = null
  const swap: Tamper = (passing, forward) => {
    if (passing.type !== RESULT.type) return pass(passing, forward)
    if (first === null) {
      first = passing
      return
    }
    scene.tell(
      'Mallory waits for both answers, and gives each the number of the other one.',
      { label: 'the first answer', bytes: first.bytes },
      { label: 'the second one', bytes: passing.bytes },
    )
    rewrite({ id: idOf(first) })(passing, forward)
    rewrite({ id: idOf(passing) })(first, forward)
  }
  const { alice } = await askCalculator(scene, CALCULATIONS, swap)
  const seen = []
  for (const expression of CALCULATIONS)
    seen.push(`${expression} = ${String((await alice.next({ expression })).result)}`)
  if (seen.join() !== '1 + 1 = 42,40 + 2 = 2') throw new Error(`alice reads ${seen.join()}`)
  return broken(`alice reads ${seen.join(' and ')}`)
}

function idOf({ body }: Passing): unknown {
  return JSON.parse(Buffer.from(body).toString()).id
}

function overtake(rung: ChatRung): Play {
  return async scene => {
    let release = () => {}
    const first: Which = rung === 'basic' ? { from: 'dialler', type: FILE_OFFER.type } : carrier(rung)
    const meant = matches(first)
    const hold: Tamper = (passing, forward) => {
      if (!meant(passing)) return pass(passing, forward)
      scene.tell('Mallory holds back the first message until the second one has passed.', {
        label: 'held back',
        bytes: passing.bytes,
      })
      release = () => forward.onward(passing.bytes)
    }
    const { alice, bob, path } = await openConversation(scene, rung, hold)
    alice.say(await contractLine(scene, rung))
    await path.awaits(first)
    alice.say(REVOCATION)
    let last = await bob.next('message', 'file', 'closed')
    if (last.event !== 'closed') {
      release()
      last = await bob.next('message', 'file', 'closed')
    }
    const [one, two] = arrivals(bob)
    return verdict(
      bob,
      last,
      one === REVOCATION && two !== undefined ? `bob gets "${one}", and after it "${two}"` : null,
    )
  }
}

/** What alice types to send it. */
async function contractLine({ folder }: Scene, rung: ChatRung): Promise<string> {
  if (isTextbook(rung)) return CONTRACT_TEXT
  const file = join(folder, CONTRACT)
  await writeFile(file, CONTRACT_TEXT)
  return `/send ${file}`
}

/** Texts and names of files in the order in which they reached bob's screen. */
function arrivals({ events }: TestClient): string[] {
  return events.flatMap(({ event, direction, text, state, name }) => {
    if (direction !== 'in') return []
    if (event === 'message') return [String(text)]
    return event === 'file' && state === 'offered' ? [String(name)] : []
  })
}
