import type { Connection } from '../capture/stream-event.ts'
import type { SeenFrame, Spoken } from '../dissect/observation.ts'
import { bucketOf, RECORD_HEADER, textLengthRange } from '../message/text-length-range.ts'
import type { Leaks } from './page-data.ts'

/** Sizes that a page lists, the most frequent ones: of a long talk without buckets nobody reads them all. */
const MAX_SIZES = 30

const NANOSECONDS = 1_000_000_000n

/** Counts what somebody sees of one conversation who has no key. Constant memory but for the sizes that occur. */
export interface LeakCounter {
  add(frame: SeenFrame): void
  leaks(spoken: Spoken | null): Leaks
}

export function leakCounter(connection: Connection): LeakCounter {
  const count = { dialler: 0, listener: 0 }
  const bytes = { dialler: 0, listener: 0 }
  const sizes = new Map<number, number>()
  let records = 0
  let readable = 0
  let first: bigint | null = null
  let last: bigint | null = null
  let silence = 0n

  return {
    add(frame) {
      const size = frame.bytes.length
      count[frame.from] += 1
      bytes[frame.from] += size
      if (frame.name === 'RECORD') {
        records += 1
        sizes.set(size, (sizes.get(size) ?? 0) + 1)
      } else if (frame.findings.some(({ code }) => code === 'plaintext')) readable += 1
      const { time } = frame.at
      if (time === null) return
      first ??= time
      if (last !== null && time - last > silence) silence = time - last
      last = time
    },

    leaks(spoken) {
      const { dialler, listener } = connection
      const facts = [
        `Who: ${dialler.host} dialled ${listener.host}, port ${listener.port}.`,
        `How much: ${messages(count.dialler)} with ${number(bytes.dialler)} bytes there, ${messages(count.listener)} with ${number(bytes.listener)} bytes back.`,
      ]
      if (first !== null && last !== null) {
        facts.splice(1, 0, `When: ${seconds(last - first)} long; the longest silence ${seconds(silence)}.`)
      }
      if (readable > 0) facts.push(`What: the words of ${messages(readable)}, for anybody on the path.`)
      if (records > 0) {
        facts.push(
          `${number(records)} record${records === 1 ? '' : 's'} of ${number(sizes.size)} different size${sizes.size === 1 ? '' : 's'}. ${RECORD_SIZES[spoken ?? ''] ?? ''}`.trim(),
        )
      }
      const rows = [...sizes]
        .sort(([, one], [, other]) => other - one)
        .slice(0, MAX_SIZES)
        .sort(([one], [other]) => one - other)
      return { facts, sizes: rows.map(([size, times]) => ({ size, count: times, means: meaning(size, spoken) })) }
    },
  }
}

const RECORD_SIZES: Record<string, string> = {
  'peer-dh/1': 'Nothing is filled up here, so each size gives away the exact length of the text.',
  'peer-aes/1': 'Records are filled up to buckets, so a size gives away a range of lengths and nothing finer.',
}

/** What a record of this size can carry. */
function meaning(size: number, spoken: Spoken | null): string {
  if (spoken === 'peer-dh/1') {
    const frames = size - RECORD_HEADER
    const text = textLengthRange('keystream', size)
    if (text === null) return `${number(frames)} bytes of frames: too short for a text`
    const receipt = text.least === 0 ? ', or a receipt' : ''
    return `${number(frames)} bytes of frames: if it is one text, ${number(text.least)} bytes of words${receipt}`
  }
  if (spoken !== 'peer-aes/1') return ''
  const bucket = number(bucketOf(size))
  const text = textLengthRange('buckets', size)
  if (text === null) return `bucket of ${bucket}: anything that fits`
  return `bucket of ${bucket}: one text of ${number(text.least)} to ${number(text.most)} bytes, or anything else that fits`
}

const messages = (count: number) => `${number(count)} message${count === 1 ? '' : 's'}`

const number = (count: number) => count.toLocaleString('en')

const seconds = (time: bigint) => `${(Number((time * 1000n) / NANOSECONDS) / 1000).toLocaleString('en')} s`
