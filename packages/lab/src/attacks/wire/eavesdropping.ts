import { findOnPath, PLAIN, SPELLINGS_TRIED } from '@p2p-secure-chat/stage/legible'
import type { Path } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { type Attack, broken, claim, type Outcome, type Play, resisted, type Scene } from '../attack.ts'
import { askCalculator } from '../calculation.ts'
import { meet, say } from '../meeting.ts'
import { SECRET } from '../secret.ts'

/** Words that mean something only to whoever reads them. */
const CALCULATION = '1250 + 399'

export const eavesdropping: Attack = {
  name: 'eavesdropping',
  title: 'Eavesdropping',
  position: 'sniffer',
  goal: 'Read what is said in the bytes that cross the wire, as they are, without computing a key.',
  question: 'Will mallory read what alice says?',
  lesson: `Whoever controls a router, a switch or a wireless network gets a copy of every byte. The two who talk see \
nothing of it: no test of theirs can tell a line that is tapped from one that is not.

So what must not be read must not cross the wire in the clear. Encryption hides what is said. It does not hide that \
something is said, when, or how much.

And it hides no more than its key does: the textbook's encryption holds against whoever only looks, and \
against nobody who computes. See discrete-log.`,
  against: {
    calc: claim('broken', overhearCalculator),
    basic: claim('broken', overhearChat('basic')),
    'textbook-dh': claim('broken', overhearChat('textbook-dh')),
    'textbook-aes': claim('resisted', overhearChat('textbook-aes')),
    dh: claim('resisted', overhearChat('dh')),
    aes: claim('resisted', overhearChat('aes')),
  },
}

async function overhearCalculator(scene: Scene): Promise<Outcome> {
  scene.tell('Alice asks the calculator, and mallory copies every byte between the two.')
  const { alice, path } = await askCalculator(scene, [CALCULATION])
  await alice.next({ result: '1649' })
  return whatIsLegible(scene, path, CALCULATION)
}

function overhearChat(rung: ChatRung): Play {
  return async scene => {
    const { alice, bob, path } = await meet(scene, rung)
    scene.tell('Alice and bob talk, and mallory copies every byte between the two. Alice tells him a secret.')
    await say(alice, bob, SECRET)
    return whatIsLegible(scene, path, SECRET)
  }
}

/** Bytes around what was found that are shown. */
const AROUND = 16

/** Looks for the words in everything that crossed. */
function whatIsLegible({ tell }: Scene, { passed }: Path, words: string): Outcome {
  const found = findOnPath(passed, words)
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
