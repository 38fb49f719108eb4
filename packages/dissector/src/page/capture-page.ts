import { printableLine } from '@p2p-secure-chat/core/terminal/printable'
import { type Connection, isoTime, type Moment } from '../capture/stream-event.ts'
import { nameBook } from '../dissect/name-book.ts'
import type { Observation, SeenFrame, Spoken } from '../dissect/observation.ts'
import { FINDINGS, SEVERITIES } from '../message/finding.ts'
import { expectedEntropy } from './entropy.ts'
import { lanesOf } from './lanes.ts'
import { type LeakCounter, leakCounter } from './leaks.ts'
import { explanation, type Explanation, SYNTAX } from './lessons.ts'
import type { LooseFinding, PageData, PageMessage, Viewer } from './page-data.ts'
import { pageFinding, viewOf } from './view.ts'

/** Messages of a page: a browser draws them all at once, and nobody reads more. Each costs up to some 20 KB of the file. */
export const MAX_PAGE_MESSAGES = 2_000

/** Findings on connections and the capture that a page lists, for each viewer. */
const MAX_LOOSE_FINDINGS = 200

/** Sizes at which the curve of the expected entropy is drawn: eight to each doubling, from 4 to 65,536 bytes. */
const CURVE = Array.from({ length: 8 * 14 + 1 }, (_, step) => Math.round(4 * 2 ** (step / 8)))

/** Collects what is seen in a capture for the page of it. Memory stays bounded however large the capture is. */
export interface CapturePage {
  /**
   * Takes what a viewer sees. The eavesdropper is the dissector without keys, the key holder the one with the key log;
   * each message comes to the eavesdropper first. Without a key log there need not be a key holder.
   */
  add(viewer: Viewer, seen: Observation): void
  /** @param packets how many packets the capture has */
  data(packets: number): PageData
}

interface Talk {
  readonly connection: Connection
  spoken: Spoken | null
  readonly leaks: LeakCounter
  /** Messages so far, for each viewer and side: both see the same frames, so equal numbers are equal frames. */
  readonly seen: Map<string, number>
}

/**
 * @param file what the page calls the capture
 * @param start time of the first packet, from which the messages count; null while it is not known
 */
export function capturePage(file: string, start: () => bigint | null): CapturePage {
  const talks = new Map<number, Talk>()
  const messages: PageMessage[] = []
  const waiting = new Map<string, PageMessage>()
  const names = { eavesdropper: nameBook(), keyHolder: nameBook() }
  const loose: Record<Viewer, LooseFinding[]> = { eavesdropper: [], keyHolder: [] }
  const lessons = new Map<string, { readonly place: number; readonly lesson: Explanation }>()
  let leftOut = 0
  let first: bigint | null = null
  let last: bigint | null = null

  function numberOf(lesson: Explanation): number {
    const key = JSON.stringify(lesson)
    const known = lessons.get(key) ?? { place: lessons.size, lesson }
    lessons.set(key, known)
    return known.place
  }
  const syntax = numberOf(explanation(SYNTAX, 'plain'))

  /** Null for a connection that begins when the page is full. */
  function talkOf(connection: Connection): Talk | null {
    const known = talks.get(connection.number)
    if (known !== undefined) return known
    if (messages.length >= MAX_PAGE_MESSAGES) return null
    const talk = { connection, spoken: null, leaks: leakCounter(connection), seen: new Map<string, number>() }
    talks.set(connection.number, talk)
    return talk
  }

  function addFrame(viewer: Viewer, frame: SeenFrame, talk: Talk): void {
    const { at, connection, from, name } = frame
    talk.spoken ??= frame.spoken
    const count = (talk.seen.get(viewer + from) ?? 0) + 1
    talk.seen.set(viewer + from, count)
    const key = `${connection.number} ${from} ${count}`

    if (viewer === 'keyHolder') {
      const message = waiting.get(key)
      if (message === undefined) return
      waiting.delete(key)
      names.keyHolder.learn(frame)
      const view = viewOf(frame, numberOf)
      if (JSON.stringify(view) !== JSON.stringify(message.eavesdropper)) message.keyHolder = view
      return
    }
    talk.leaks.add(frame)
    if (messages.length >= MAX_PAGE_MESSAGES) {
      leftOut += 1
      return
    }
    names.eavesdropper.learn(frame)
    const zero = start()
    const time = zero === null || at.time === null ? null : Number((at.time - zero) / 1000n) / 1000
    const eavesdropper = viewOf(frame, numberOf)
    const conversation = connection.number
    const message = { name, packet: at.packet, time, conversation, side: from, eavesdropper, keyHolder: null }
    messages.push(message)
    waiting.set(key, message)
  }

  function noteTime({ time }: Moment): void {
    if (time === null) return
    if (first === null || time < first) first = time
    if (last === null || time > last) last = time
  }

  return {
    add(viewer, seen) {
      noteTime(seen.kind === 'frame' ? seen.frame.at : seen.at)
      if (seen.kind === 'frame') {
        const talk = talkOf(seen.frame.connection)
        if (talk !== null) addFrame(viewer, seen.frame, talk)
        else if (viewer === 'eavesdropper') leftOut += 1
      }
      if (seen.kind !== 'finding' || loose[viewer].length >= MAX_LOOSE_FINDINGS) return
      const conversation = seen.connection?.number ?? null
      loose[viewer].push({ ...pageFinding(seen.finding), packet: seen.at.packet, conversation })
    },

    data(packets) {
      const shown = new Set(messages.map(({ conversation }) => conversation))
      const kept = [...talks.values()].filter(({ connection }) => shown.has(connection.number))
      const { lanes, of } = lanesOf(kept, names)
      return {
        file: printableLine(file),
        packets,
        from: isoTime(first),
        to: isoTime(last),
        withKeys: messages.some(({ keyHolder }) => keyHolder !== null),
        messages,
        leftOut,
        lanes,
        conversations: kept.map(({ connection, spoken, leaks }) => ({
          number: connection.number,
          dialler: of(connection, 'dialler'),
          listener: of(connection, 'listener'),
          spoken,
          leaks: leaks.leaks(spoken),
        })),
        loose,
        findings: rankedFindings(),
        lessons: [...lessons.values()].map(({ lesson }) => lesson),
        syntax,
        expectation: CURVE.map(size => [size, expectedEntropy(size)]),
      }
    },
  }
}

/** Most severe first; those of one severity in the order of the catalogue. */
function rankedFindings(): PageData['findings'] {
  return Object.entries(FINDINGS)
    .map(([code, meaning]) => ({ code, ...meaning }))
    .sort((one, other) => SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity))
}
