import { formatAddress } from '@p2p-secure-chat/core/net/address'
import { type Connection, isoTime, otherSide, type Side } from '../capture/stream-event.ts'
import type { NameBook } from '../dissect/name-book.ts'
import type { Observation, SeenFrame, Spoken } from '../dissect/observation.ts'
import { type Field, FIELDS } from '../message/field.ts'
import { type Finding, FINDINGS } from '../message/finding.ts'
import type { Totals } from './summary.ts'
import { isSealed } from './tally.ts'

/** One object of `chat-lab read --json`. */
type Event = Readonly<Record<string, unknown>>

/** Turns what is seen into the events that a program reads. */
export interface JsonEvents {
  of(seen: Observation): Event
}

export function jsonEvents(names: NameBook): JsonEvents {
  function party(connection: Connection, side: Side, spoken: Spoken | null): Event {
    return { address: formatAddress(connection[side]), name: names.nameOf(connection, side, spoken) }
  }

  function message(frame: SeenFrame): Event {
    const { connection, from, spoken, plaintext } = frame
    names.learn(frame)
    return {
      side: from,
      from: party(connection, from, spoken),
      to: party(connection, otherSide(from), spoken),
      protocol: spoken,
      name: frame.name,
      summary: frame.summary,
      size: frame.bytes.length,
      state: isSealed(frame) ? 'sealed' : plaintext === null ? 'plain' : 'opened',
      fields: fieldsOf([...frame.fields, ...(plaintext?.fields ?? [])]),
      inner: (plaintext?.frames ?? []).map(inner => ({
        name: inner.name,
        summary: inner.summary,
        size: inner.bytes.length,
        fields: fieldsOf(inner.fields),
        findings: inner.findings.map(findingOf),
      })),
      findings: frame.findings.map(findingOf),
    }
  }

  return {
    of(seen) {
      const { at, connection } = seen.kind === 'frame' ? seen.frame : seen
      const where = { packet: at.packet, time: isoTime(at.time), conversation: connection?.number ?? null }
      const event = (name: string, more: Event): Event => ({ v: 1, event: name, ...where, ...more })
      switch (seen.kind) {
        case 'conversation': {
          const { connection: between, spoken } = seen
          return event('conversation', {
            protocol: spoken,
            dialler: party(between, 'dialler', spoken),
            listener: party(between, 'listener', spoken),
            whole: between.whole,
          })
        }
        case 'frame':
          return event('message', message(seen.frame))
        case 'finding':
          return event('finding', findingOf(seen.finding))
        case 'end':
          return event('end', {})
      }
    },
  }
}

function findingOf({ code, detail }: Finding): Event {
  return { code, severity: FINDINGS[code].severity, text: FINDINGS[code].text, detail }
}

/** Values by the names of their fields; a field that comes more than once has a list. */
function fieldsOf(fields: readonly Field[]): Event {
  const values: Record<string, string | string[]> = {}
  for (const name of new Set(fields.map(field => field.name))) {
    const all = fields.filter(field => field.name === name).map(({ value }) => value)
    const [first = ''] = all
    if (name in FIELDS) values[name] = all.length === 1 ? first : all
  }
  return values
}

export function summaryEvent({ packets, connections, tally, keys, page }: Totals): Event {
  return {
    v: 1,
    event: 'summary',
    packets,
    conversations: tally.conversations,
    foreign: connections - tally.conversations,
    messages: tally.messages,
    opened: tally.opened,
    sealed: tally.sealed,
    unchecked: tally.unchecked,
    keys: {
      used: keys.used,
      unused: keys.secrets - keys.used,
      garbage: keys.garbage,
      contradictions: keys.contradictions,
    },
    page,
    findings: tally.ranked().map(({ code, count, packets: first }) => ({
      code,
      severity: FINDINGS[code].severity,
      count,
      packets: first,
    })),
  }
}
