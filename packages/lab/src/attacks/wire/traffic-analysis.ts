import { RECORD } from '@p2p-secure-chat/core/wire/message-types'
import { type Framing, type Lengths, textLengthRange } from '../../dissect/text-length-range.ts'
import { type Passing, SEGMENT } from '../../stage/path.ts'
import type { ChatRung } from '../../stage/rungs.ts'
import { type Attack, claim, leaks, notApplicable, type Outcome, type Play, resisted, type Scene } from '../attack.ts'
import { meet, say } from '../meeting.ts'

/** What alice says, in bytes, each once: from "y" to a short letter, with both sides of the edges of a block. */
const LENGTHS = [1, 2, 3, 5, 8, 15, 16, 17, 34, 47, 48, 55, 89, 144, 233, 377]

/** Those that a watcher is shown. */
const SHOWN = [1, 47, 48, 377]

const LEGIBLE = 'the texts themselves cross as they are: there is nothing left to estimate'

export const trafficAnalysis: Attack = {
  name: 'traffic-analysis',
  title: 'Lengths and moments',
  position: 'sniffer',
  goal: 'Learn how long each text is and when it is said, without reading any.',
  question: 'The texts are encrypted. Will mallory still know how long they are, and when they were said?',
  lesson: `A cipher hides what is said. It does not hide that something is said, at what moment, or how much: a key stream keeps \
every length as it is, and CBC fills up to the next 16 bytes and no further. Lengths and moments have given away which page \
is read, which film is watched, and phrases of encrypted telephone calls (Wright and others, "Spot me if you can", 2008).

Padding to a few sizes (RFC 8446, section 5.4, and appendix E.3) blurs the length and costs bytes: here a record says only \
which of the buckets the text lies in. No bucket hides the moment. That would take messages that are sent when nothing is \
said, all the time, and not even this project pays for that: it says so in place of it.`,
  against: {
    calc: notApplicable('expressions and results cross as they are: there is nothing left to estimate'),
    basic: notApplicable(LEGIBLE),
    'textbook-dh': notApplicable(LEGIBLE),
    'textbook-aes': claim('leaks', estimate('textbook-aes', 'blocks')),
    dh: claim('leaks', estimate('dh', 'keystream')),
    aes: claim('leaks', estimate('aes', 'buckets')),
  },
}

/** One text, and all that the wire showed of it. */
interface Sighting {
  readonly length: number
  /** When alice said it, in milliseconds of performance.now(). */
  readonly saidAt: number
  /** What of alice's crossed between this text and the next: one thing, if its moment shows. */
  readonly crossed: readonly Passing[]
}

function estimate(rung: ChatRung, framing: Framing): Play {
  return async scene => {
    const { alice, bob, path } = await meet(scene, rung)
    scene.tell(`Alice says ${LENGTHS.length} texts of ${LENGTHS.length} different lengths. Mallory reads none of them.`)
    const sightings: Sighting[] = []
    for (const length of LENGTHS) {
      const before = path.passed.length
      const saidAt = performance.now()
      await say(alice, bob, 'so long a text '.repeat(length).slice(0, length))
      const crossed = path.passed.slice(before).filter(({ from, type }) => from === 'dialler' && isSealed(type))
      sightings.push({ length, saidAt, crossed })
    }
    return judge(scene, sightings, framing)
  }
}

/** A record, or a segment of the textbook, which has no types. */
const isSealed = (type: number) => type === RECORD || type === SEGMENT

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
      `${Math.round(at - begun)} ms after the first text ${bytes.length} bytes cross. Mallory takes them for ${words}. It has ` +
        `${length}.`,
      { label: 'from alice', bytes },
    )
  }
  const wrong = estimates.find(({ length, told }) => told === null || length < told.least || length > told.most)
  if (wrong !== undefined) throw new Error(`mallory takes ${wrong.length} bytes for ${wrong.told?.least} or more`)
  const widest = estimates.at(-1)
  const example = widest?.told ? `; the ${widest.length} bytes show as ${inWords(widest.told)}` : ''
  return leaks(
    `${moments(seen)}; ${sightings.length} lengths show as ${sizes.size} sizes: ` +
      `${entropy(seen.map(({ bytes }) => bytes.length)).toFixed(1)} of ${Math.log2(sightings.length).toFixed(1)} bits${example}`,
  )
}

/** What the time between two texts tells: how long alice took for the next one, or to answer. */
function moments(seen: readonly { readonly saidAt: number; readonly at: number }[]): string {
  const gaps = seen.slice(1).map(({ at, saidAt }, i) => {
    const before = seen[i] ?? { at, saidAt }
    return { seen: at - before.at, said: saidAt - before.saidAt }
  })
  if (gaps.length === 0) return 'one text shows its moment'
  const between = gaps.map(gap => gap.seen)
  const [least, most] = [Math.min(...between), Math.max(...between)].map(Math.round)
  const error = Math.max(...gaps.map(gap => Math.abs(gap.seen - gap.said)))
  return `the gaps between ${seen.length} texts, ${least} to ${most} ms, show to within ${Math.ceil(error)} ms`
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
