import { printableLine, printableName } from '@p2p-secure-chat/core/terminal/printable'
import { MAX_STATUS_ROWS } from '@p2p-secure-chat/core/terminal/wrap-lines'
import type { ChatEvent } from '../chat/chat-event.ts'
import { sizeInWords } from '../files/file-update.ts'

/** Span over which a rate is measured, in milliseconds: long enough to be steady, short enough to be current. */
const RATE_SPAN = 5_000

/** Cells of a bar. */
const BAR_CELLS = 20

/** Longest name in a bar, in UTF-16 code units, so that the numbers after it stay on the screen. */
const NAME_CHARACTERS = 24

type FileEvent = Extract<ChatEvent, { event: 'file' }>

interface Bar {
  readonly latest: FileEvent
  /** How many bytes had arrived at which time, the oldest first. */
  readonly samples: readonly { readonly time: number; readonly bytes: number }[]
  /** Whether the connection is lost right now. */
  readonly paused: boolean
}

/** Progress bars, with rate and time left, of the files under way. */
export interface TransferBars {
  /**
   * Updates the bars.
   *
   * @param now in milliseconds, on any monotonic clock
   * @returns one line per file, the oldest if there are many; '' if there is none; null if nothing has changed
   */
  follow(event: ChatEvent, now: number): string | null
}

export function transferBars(): TransferBars {
  const bars = new Map<string, Bar>()

  function note(event: FileEvent, now: number): void {
    const key = JSON.stringify([event.peer, event.direction, event.id])
    if (event.state !== 'progress') return void bars.delete(key)
    const before = bars.get(key)?.samples ?? []
    const samples = [...before.filter(({ time }) => now - time <= RATE_SPAN), { time: now, bytes: event.bytes }]
    bars.set(key, { latest: event, samples, paused: false })
  }

  function pause(peer: string): void {
    for (const [key, { latest }] of bars) {
      if (latest.peer === peer) bars.set(key, { latest, samples: [], paused: true })
    }
  }

  return {
    follow(event, now) {
      if (event.event === 'file') note(event, now)
      else if (event.event === 'interrupted') pause(event.peer)
      else return null
      return [...bars.values()].slice(0, MAX_STATUS_ROWS).map(drawn).join('\n')
    },
  }
}

function drawn({ latest, samples, paused }: Bar): string {
  const { name, peer, direction, bytes, size } = latest
  const part = size === 0 ? 1 : bytes / size
  const cells = Math.floor(part * BAR_CELLS)
  const percent = `${String(Math.floor(part * 100)).padStart(3)}%`
  const who = `file ${printableName(name, NAME_CHARACTERS)} ${direction === 'in' ? 'from' : 'to'} ${printableLine(peer)}`
  const rate = paused ? null : rateOf(samples)
  const pace = paused ? 'waiting for the connection' : rate === null ? '' : `${sizeInWords(rate)}/s`
  const left = rate === null ? '' : `${clock((size - bytes) / rate)} left`
  return `${who} [${'#'.repeat(cells)}${'.'.repeat(BAR_CELLS - cells)}] ${percent}  ${pace}  ${left}`.trimEnd()
}

/** @returns bytes per second; null while it is unknown */
function rateOf(samples: Bar['samples']): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.time <= first.time || last.bytes <= first.bytes) return null
  return ((last.bytes - first.bytes) / (last.time - first.time)) * 1_000
}

/** Seconds as `0:07` or `1:02:03`. */
function clock(seconds: number): string {
  const whole = Math.ceil(seconds)
  const two = (value: number) => String(value).padStart(2, '0')
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes}:${two(whole % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(whole % 60)}`
}
