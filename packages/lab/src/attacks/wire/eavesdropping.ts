import { openPath, type Path } from '../../stage/path.ts'
import type { ChatRung } from '../../stage/rungs.ts'
import { startActor } from '../../stage/actor.ts'
import { type Attack, broken, claim, type Outcome, type Play, resisted, type Scene } from '../attack.ts'
import { meet, say } from '../meeting.ts'

const SECRET = 'The spare key is under the blue pot.'

/** Words that mean something only to whoever reads them. */
const CALCULATION = '1250 + 399'

export const eavesdropping: Attack = {
  name: 'eavesdropping',
  title: 'Eavesdropping',
  position: 'sniffer',
  goal: 'Read what is said, from the bytes that cross the wire alone.',
  question: 'Will mallory read what alice says?',
  lesson: `Whoever sits at a router, a switch or a wireless network gets a copy of every byte. Nothing shows it to the two who \
talk: no test of theirs can tell a line that is listened to from one that is not.

So what must not be read must not cross the wire. Encryption does not hide that something is said, when, or how much of it.`,
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
  const path = await openPath({ tap: scene.tap })
  scene.afterwards(() => path.stop())
  const server = startActor('@p2p-secure-chat/calculator/bin/server', ['--port', '0', '--json'])
  scene.afterwards(() => server.stop())
  const { host, port } = await server.next('listening')
  path.forwardTo({ host: String(host), port: Number(port) })
  scene.tell('Alice asks the calculator, and mallory copies every byte between the two.')
  const alice = startActor('@p2p-secure-chat/calculator/bin/client', [
    '--port',
    String(path.port),
    '--json',
    CALCULATION,
  ])
  scene.afterwards(() => alice.stop())
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

/** Looks for the words in everything that crossed, as they are. */
function whatIsLegible({ tell }: Scene, { passed }: Path, words: string): Outcome {
  const wanted = Buffer.from(words)
  const found = passed.find(({ bytes }) => Buffer.from(bytes).includes(wanted))
  if (found === undefined) {
    const last = passed.findLast(({ from }) => from === 'dialler')
    tell(
      'The words are nowhere in what crossed. This is the last that alice sent:',
      ...(last === undefined ? [] : [{ label: 'from alice', bytes: last.bytes }]),
    )
    const size = passed.reduce((sum, { bytes }) => sum + bytes.length, 0)
    return resisted(`bob got the secret, and in all ${size} bytes that crossed its words do not stand`)
  }
  const from = Buffer.from(found.bytes).indexOf(wanted)
  tell('The words cross as they are:', {
    label: 'from alice',
    bytes: found.bytes,
    marks: [{ from, to: from + wanted.length, meaning: 'what she said' }],
  })
  return broken(`mallory reads "${words}"`)
}
