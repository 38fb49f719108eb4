import { findLegible, PLAIN, SPELLINGS_TRIED } from '@p2p-secure-chat/stage/legible'
import type { Path } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { broken, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { askCalculator, openConversation, say, SECRET } from '../both-online.ts'

/** Numbers that are unlikely to cross the wire by chance. */
const CALCULATION = '1250 + 399'

export const eavesdropping: Plays = {
  calc: overhearCalculator,
  basic: overhearChat('basic'),
  'textbook-dh': overhearChat('textbook-dh'),
  'textbook-aes': overhearChat('textbook-aes'),
  dh: overhearChat('dh'),
  aes: overhearChat('aes'),
}

async function overhearCalculator(scene: Scene): Promise<Outcome> {
  scene.tell('Alice asks the calculator, and mallory copies every byte between the two.')
  const { alice, path } = await askCalculator(scene, [CALCULATION])
  await alice.next({ result: '1649' })
  return whatIsLegible(scene, path, CALCULATION)
}

function overhearChat(rung: ChatRung): Play {
  return async scene => {
    const { alice, bob, path } = await openConversation(scene, rung)
    scene.tell('Alice and bob talk, and mallory copies every byte between the two. Alice tells him a secret.')
    await say(alice, bob, SECRET)
    return whatIsLegible(scene, path, SECRET)
  }
}

/** Bytes around what was found that are shown. */
const AROUND = 16

/** Looks for the words in everything that crossed. */
function whatIsLegible({ tell }: Scene, { passed }: Path, words: string): Outcome {
  const found = findLegible(passed, words)
  if (found !== null) {
    const { from, how, stream, at, length } = found
    const start = Math.max(0, at - AROUND)
    tell(`The words cross ${how}:`, {
      label: from === 'dialler' ? 'from alice' : 'to alice',
      bytes: stream.subarray(start, at + length + AROUND),
      marks: [{ from: at - start, to: at - start + length, meaning: 'what she said' }],
    })
    return broken(`mallory reads "${words}"${how === PLAIN ? '' : ` ${how}`}`)
  }
  const last = passed.findLast(({ from }) => from === 'dialler')
  if (last === undefined) throw new Error('nothing of alice crossed the path')
  tell('The words are nowhere in what crossed. This is the last thing that alice sent:', {
    label: 'from alice',
    bytes: last.bytes,
  })
  const size = passed.reduce((sum, { bytes }) => sum + bytes.length, 0)
  return resisted(
    `bob got the secret; nowhere in the ${size} bytes that crossed are its words, neither ${SPELLINGS_TRIED.join(' nor ')}`,
  )
}
