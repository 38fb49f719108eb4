import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FILE_OFFER } from '@p2p-secure-chat/basic-p2p/messages/files'
import { RESULT } from '@p2p-secure-chat/calculator/messages'
import { rewrite } from '@p2p-secure-chat/stage/interference'
import { type Interference, isIt, pass, type Passing, type Which } from '@p2p-secure-chat/stage/path'
import { type ChatRung, isTextbook } from '../../rungs.ts'
import type { Resident } from '@p2p-secure-chat/stage/town'
import { type Attack, broken, claim, type Outcome, type Play, type Scene } from '../attack.ts'
import { askCalculator } from '../calculation.ts'
import { meet } from '../meeting.ts'
import { carrier } from './carrier.ts'
import { verdict } from './verdict.ts'

/** What alice sends first: a file, or its words where there are no files. */
const CONTRACT = 'contract.txt'
const CONTRACT_TEXT = 'I sign the contract.'
/** Read in front of it, this says something else. */
const REVOCATION = 'Forget what I sent before this.'

const CALCULATIONS = ['1 + 1', '40 + 2'] as const

export const reorder: Attack = {
  name: 'reorder',
  title: 'Reordering messages',
  position: 'man in the middle',
  goal: 'Make two messages arrive the other way round, whatever they are, without anybody noticing.',
  question: 'Alice sends a contract, and takes it back. Can mallory make the second message overtake the first?',
  lesson: `Each message may be genuine, and still what they say together is forged: the order counts as well. TCP \
keeps the order when something goes wrong by accident. Mallory does it on purpose.

Numbers in the messages help only if all messages are counted together, and if nobody else can write the numbers. \
Texts are counted, and so are files, but not together, so on the basic rung mallory has no number to change. On the \
AES rung the number of the record goes into its tag, so each record has exactly one place. On the DH rung its place is \
the one in the key stream: a record that comes too early is opened with the wrong piece of it, and comes out as noise. \
There, whoever knows the words need not move them: see bit-flip.`,
  against: {
    calc: claim('broken', swapAnswers),
    basic: claim('broken', overtake('basic')),
    'textbook-dh': claim('broken', overtake('textbook-dh')),
    'textbook-aes': claim('broken', overtake('textbook-aes')),
    dh: claim('resisted', overtake('dh')),
    aes: claim('resisted', overtake('aes')),
  },
}

/** Answers have the number of their question: mallory gives each the number of the other one. */
async function swapAnswers(scene: Scene): Promise<Outcome> {
  let first: Passing | null = null
  const swap: Interference = (passing, road) => {
    if (passing.type !== RESULT.type) return pass(passing, road)
    if (first === null) {
      first = passing
      return
    }
    scene.tell(
      'Mallory waits for both answers, and gives each the number of the other one.',
      { label: 'the first answer', bytes: first.bytes },
      { label: 'the second one', bytes: passing.bytes },
    )
    rewrite({ id: idOf(first) })(passing, road)
    rewrite({ id: idOf(passing) })(first, road)
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
    const meant = isIt(first)
    const hold: Interference = (passing, road) => {
      if (!meant(passing)) return pass(passing, road)
      scene.tell('Mallory holds back the first message until the second one has passed.', {
        label: 'held back',
        bytes: passing.bytes,
      })
      release = () => road.onward(passing.bytes)
    }
    const { alice, bob, path } = await meet(scene, rung, hold)
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

/** Texts, and names of files, in the order in which bob was told of them. */
function arrivals({ events }: Resident): string[] {
  return events.flatMap(({ event, direction, text, state, name }) => {
    if (direction !== 'in') return []
    if (event === 'message') return [String(text)]
    return event === 'file' && state === 'offered' ? [String(name)] : []
  })
}
