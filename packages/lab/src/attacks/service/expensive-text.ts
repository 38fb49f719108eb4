import { RECEIPT, TEXT, TEXT_LIMIT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Actor } from '@p2p-secure-chat/stage/actor'
import { processorTime } from '@p2p-secure-chat/stage/system-process'
import type { FramedRung } from '../../rungs.ts'
import { broken, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { sceneTestbed } from '../both-online.ts'
import { bobAtTerminal } from './victims.ts'
import { hostilePeer } from './hostile-peer.ts'

/** What a text consists of, as often as it fits in. */
interface Material {
  readonly name: string
  readonly unit: string
}

/** The first one costs most where a program measures the row again at each blank. */
const MATERIALS: readonly Material[] = [
  { name: 'tabs', unit: '\t' },
  { name: 'blanks', unit: ' ' },
  { name: 'ideographic blanks', unit: '\u3000' },
  { name: 'accents', unit: '\u0301' },
  { name: 'newlines', unit: '\n' },
  { name: 'flags', unit: '\u{1f1eb}\u{1f1f7}' },
  { name: 'families of emoji', unit: '\u{1f469}\u200d\u{1f469}\u200d\u{1f467}' },
  { name: 'Hebrew letters', unit: '\u05d0' },
]

/** What mallory says last, and must be on the screen. */
const LAST_WORDS = 'that-was-all'

export const expensiveText: Plays = {
  basic: sendExpensiveTexts('basic'),
  dh: sendExpensiveTexts('dh'),
  aes: sendExpensiveTexts('aes'),
}

/** What it cost to show such a text. */
interface Cost extends Material {
  /** Times the processor time that it took to start the program: so it does not matter how fast this machine is. */
  readonly starts: number
}

function sendExpensiveTexts(rung: FramedRung): Play {
  return async scene => {
    const testbed = await sceneTestbed(scene, rung)
    const costs: Cost[] = []
    let bob: Actor | undefined
    const mallory = await hostilePeer(scene, testbed, rung, ['mallory'], async channel => {
      if (bob === undefined) throw new Error('nobody has called mallory')
      costs.push(...(await showEach(scene, bob, channel)))
    })
    bob = await bobAtTerminal(scene, testbed)
    bob.say('/chat mallory')
    await mallory.over
    // Then all that it printed has been read.
    await bob.stop()

    const [worst] = costs.toSorted((a, b) => b.starts - a.starts)
    if (worst === undefined) throw new Error('bob has shown no text')
    if (worst.starts > 1) {
      return broken(
        `to show 16 KiB of ${worst.name} costs bob's program more than to start: it does nothing else meanwhile`,
      )
    }
    if (!Buffer.concat(bob.printed).includes(LAST_WORDS)) throw new Error("mallory's texts never came to the screen")
    return resisted(
      `${costs.length} texts of 16 KiB, of ${MATERIALS[0]?.name} and others, are shown; each costs bob's program less than to start`,
    )
  }
}

/** Sends bob one text after the other, until one of them was expensive. */
async function showEach({ tell }: Scene, bob: Actor, channel: Channel): Promise<Cost[]> {
  const start = await processorTime(bob.pid)
  const costs: Cost[] = []
  let sent = 0n

  async function show(text: string): Promise<number> {
    const before = await processorTime(bob.pid)
    sent += 1n
    await channel.send(TEXT.message({ id: sent, text }))
    // A receipt says that it is on the screen.
    for (let shown = 0n; shown < sent; ) {
      const message = await channel.receive()
      if (message === null) throw new Error('bob hangs up on mallory')
      if (message.type === RECEIPT.type) shown = RECEIPT.read(message.body).id
    }
    return (await processorTime(bob.pid)) - before
  }

  for (const material of MATERIALS) {
    const { name, unit } = material
    const text = unit.repeat(Math.floor(TEXT_LIMIT / Buffer.byteLength(unit)))
    const starts = (await show(text)) / start
    costs.push({ ...material, starts })
    tell(
      `Mallory sends bob 16 KiB of ${name}. To show them costs his program ${starts.toFixed(2)} times what it cost to start.`,
      { label: 'how it begins', bytes: Buffer.from(text).subarray(0, 16) },
    )
    if (starts > 1) return costs
  }
  await show(LAST_WORDS)
  return costs
}
