import { boundedMap } from '../dissect/bounded-map.ts'
import type { Observation, SeenFrame } from '../dissect/observation.ts'
import { type Finding, type FindingCode, FINDINGS, SEVERITIES } from '../message/finding.ts'

/** How many packets are named for each kind of finding. */
const FIRST_PACKETS = 5

/** Conversations that are told apart when they are counted. */
const LIMIT = 8_192

/** One kind of finding and how often it was found. */
export interface Ranked {
  readonly code: FindingCode
  readonly count: number
  /** The first packets with it. */
  readonly packets: readonly number[]
}

/** What is counted while a capture is read. */
export interface Tally {
  add(seen: Observation): void
  /** Conversations of ours, and those of them that began before the capture. */
  readonly conversations: number
  readonly headless: number
  readonly messages: number
  /** Of the messages, those that a key opened, and those that stayed sealed. */
  readonly opened: number
  readonly sealed: number
  /** CONFIRMs that no key could check: they hide nothing. */
  readonly unchecked: number
  /** Most severe first, then what was found most often. */
  ranked(): readonly Ranked[]
}

export function tally(): Tally {
  const findings = new Map<FindingCode, { count: number; packets: number[] }>()
  const counted = boundedMap<number, true>(LIMIT)
  let conversations = 0
  let headless = 0
  let messages = 0
  let opened = 0
  let sealed = 0
  let unchecked = 0

  function find(found: readonly Finding[], packet: number): void {
    for (const { code } of found) {
      const so = findings.get(code) ?? { count: 0, packets: [] }
      findings.set(code, so)
      so.count += 1
      if (so.packets.length < FIRST_PACKETS && so.packets.at(-1) !== packet) so.packets.push(packet)
    }
  }

  return {
    add(seen) {
      if (seen.kind === 'conversation') {
        if (counted.get(seen.connection.number) === undefined) {
          conversations += 1
          if (!seen.connection.whole) headless += 1
        }
        counted.set(seen.connection.number, true)
      } else if (seen.kind === 'frame') {
        messages += 1
        if (seen.frame.plaintext !== null) opened += 1
        else if (isSealed(seen.frame)) sealed += 1
        else if (seen.frame.findings.some(({ code }) => code === 'no-key')) unchecked += 1
        for (const { findings: found } of [seen.frame, ...(seen.frame.plaintext?.frames ?? [])]) {
          find(found, seen.frame.at.packet)
        }
      } else if (seen.kind === 'finding') {
        find([seen.finding], seen.at.packet)
      }
    },
    get conversations() {
      return conversations
    },
    get headless() {
      return headless
    },
    get messages() {
      return messages
    },
    get opened() {
      return opened
    },
    get sealed() {
      return sealed
    },
    get unchecked() {
      return unchecked
    },
    ranked() {
      const rank = ({ code }: Ranked) => SEVERITIES.indexOf(FINDINGS[code].severity)
      const all = [...findings].map(([code, so]) => ({ code, ...so }))
      return all.sort((a, b) => rank(b) - rank(a) || b.count - a.count)
    },
  }
}

/** Whether a message is of a kind that only its receiver can read, and no key has opened it. */
export function isSealed({ name, plaintext, fields }: SeenFrame): boolean {
  if (plaintext !== null) return false
  return name === 'IDENTITY' || name === 'RECORD' || fields.some(field => field.name === 'legacy.ciphertext')
}
