import { setTimeout as think } from 'node:timers/promises'
import { RECORD } from '@p2p-secure-chat/core/wire/common-messages'
import { type Framing, type Lengths, textLengthRange } from '@p2p-secure-chat/dissector/message/text-length-range'
import { type Passing, SEGMENT } from '@p2p-secure-chat/stage/path'
import type { ChatRung } from '../../rungs.ts'
import { leaks, type Outcome, type Play, type Plays, resisted, type Scene } from '../attack.ts'
import { openConversation, say } from '../both-online.ts'

/** What alice says, in bytes, each once: from "y" to a short letter, with both sides of the edges of a block. */
const LENGTHS = [1, 2, 3, 5, 8, 15, 16, 17, 34, 47, 48, 55, 89, 144, 233, 377]

/** How long alice thinks before each of the last texts, in milliseconds. */
const PAUSES = [40, 80, 160, 320]

/** Those that a watcher is shown. */
const SHOWN = [1, 47, 48, 377]

export const trafficAnalysis: Plays = {
  'textbook-aes': estimate('textbook-aes', 'blocks'),
  dh: estimate('dh', 'keystream'),
  aes: estimate('aes', 'buckets'),
}

/** One text, and all that the wire showed of it. */
interface Sighting {
  readonly length: number
  /** How long alice thought before it, in milliseconds; 0 if she did not. */
  readonly pause: number
  /** What of alice's crossed between this text and the next: one thing, if its moment shows. */
  readonly crossed: readonly Passing[]
}

function estimate(rung: ChatRung, framing: Framing): Play {
  return async scene => {
    const { alice, bob, path } = await openConversation(scene, rung)
    scene.tell(`Alice says ${LENGTHS.length} texts of ${LENGTHS.length} different lengths. Mallory reads none of them.`)
    const sightings: Sighting[] = []
    for (const [i, length] of LENGTHS.entries()) {
      const pause = PAUSES[i - (LENGTHS.length - PAUSES.length)] ?? 0
      // Her rhythm is what is measured: here a wait is no wait for anything.
      if (pause > 0) await think(pause)
      const before = path.passed.length
      await say(alice, bob, 'so long a text '.repeat(length).slice(0, length))
      const crossed = path.passed.slice(before).filter(({ from, type }) => from === 'dialler' && isSealed(type))
      sightings.push({ length, pause, crossed })
    }
    return judge(scene, sightings, framing)
  }
}

/** A record, or a segment of the textbook, which has no types. */
const isSealed = (type: number) => type === RECORD.type || type === SEGMENT

function judge(scene: Scene, sightings: readonly Sighting[], framing: Framing): Outcome {
  const seen = sightings.flatMap(({ crossed, ...said }) => {
    const [only, ...others] = crossed
    return only === undefined || others.length > 0 ? [] : [{ ...said, at: only.at, bytes: only.bytes }]
  })
  const sizes = new Set(seen.map(({ bytes }) => bytes.length))
  if (sightings.every(({ crossed }) => crossed.length === 0)) throw new Error('nothing of alice crossed the path')
  if (seen.length === 0) return resisted('all texts arrived, and nothing on the wire belongs to one of them alone')

  const begun = seen[0]?.at ?? 0
  const estimates = seen.map(text => ({ ...text, told: textLengthRange(framing, text.bytes.length) }))
  for (const { length, at, bytes, told } of estimates.filter(({ length }) => SHOWN.includes(length))) {
    const words = told === null ? 'no text at all' : `a text of ${inWords(told)} bytes`
    scene.tell(
      `${Math.round(at - begun)} ms after the first text ${bytes.length} bytes cross. Mallory concludes: ${words}. In fact it has ` +
        `${length}.`,
      { label: 'from alice', bytes },
    )
  }
  const wrong = estimates.find(({ length, told }) => told === null || length < told.least || length > told.most)
  if (wrong !== undefined) throw new Error(`mallory takes ${wrong.length} bytes for ${wrong.told?.least} or more`)
  const widest = estimates.at(-1)
  const example = widest?.told ? `; the ${widest.length} bytes as ${inWords(widest.told)}` : ''
  return leaks(
    `${seen.length} of ${sightings.length} texts show their moment: ${rhythm(seen)}; ${sightings.length} lengths as ${sizes.size} sizes: ` +
      `${entropy(seen.map(({ bytes }) => bytes.length)).toFixed(1)} of ${Math.log2(sightings.length).toFixed(1)} bits${example}`,
  )
}

/** What the moments of texts tell: how long alice thought. */
function rhythm(seen: readonly { readonly pause: number; readonly at: number }[]): string {
  const gaps = seen.map(({ at }, i) => Math.round(at - (seen[i - 1]?.at ?? at)))
  return `pauses of ${PAUSES.join(', ')} ms as ${gaps.filter((_, i) => seen[i]?.pause).join(', ')}`
}

const inWords = ({ least, most }: Lengths) => (least === most ? String(least) : `${least} to ${most}`)

/** Bits that one of these values tells, each being as likely as another (Shannon 1948). */
function entropy(values: readonly number[]): number {
  const counts = new Map<number, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()].reduce(
    (bits, count) => bits + (count / values.length) * Math.log2(values.length / count),
    0,
  )
}
