import type { Connection, Side, StreamEvent } from '../../src/capture/stream-event.ts'
import { type Dissector, dissector } from '../../src/dissect/dissector.ts'
import type { Observation, SeenFrame } from '../../src/dissect/observation.ts'
import { type Secrets, secretsOf } from '../../src/dissect/secrets.ts'
import type { Field } from '../../src/message/field.ts'

/** Alice dials bob; the capture has it all. */
export const connection: Connection = {
  number: 0,
  dialler: { host: '10.0.0.2', port: 50_000 },
  listener: { host: '10.0.0.3', port: 40_001 },
  whole: true,
}

export const fromPort = (port: number, changes: Partial<Connection> = {}): Connection => ({
  ...connection,
  listener: { host: '10.0.0.1', port },
  ...changes,
})

/** Something one side sent. */
export interface Said {
  readonly from: Side
  readonly bytes: Uint8Array
}

export const at = (packet: number) => ({ packet, time: BigInt(packet) })

/** What a capture would tell of these bytes: one packet each, from packet 1. */
export function eventsOf(said: readonly Said[], on: Connection = connection): StreamEvent[] {
  return [
    { kind: 'open', at: at(1), connection: on },
    ...said.map(({ from, bytes }, i) => ({ kind: 'bytes', at: at(i + 1), connection: on, from, bytes }) as const),
  ]
}

/** Both sides end their direction in order. */
export function fins(packet: number, on: Connection = connection): StreamEvent[] {
  return (['dialler', 'listener'] as const).map(from => ({
    kind: 'end',
    at: at(packet),
    connection: on,
    from,
    how: 'fin',
  }))
}

/** All that is seen in these events. */
export function dissect(events: readonly StreamEvent[], keys: Secrets = secretsOf()): Observation[] {
  const seen: Observation[] = []
  const reader: Dissector = dissector(keys)
  for (const event of events) reader.push(event, observation => seen.push(observation))
  reader.end(observation => seen.push(observation))
  return seen
}

export function framesOf(seen: readonly Observation[]): SeenFrame[] {
  return seen.flatMap(observation => (observation.kind === 'frame' ? [observation.frame] : []))
}

/** The values of a field, wherever in the frame it stands. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(field => field.name === name).map(({ value }) => value)
}

/** The codes of the findings of each frame, those inside it too, and of the connection. */
export function findingsOf(seen: readonly Observation[]): string[] {
  return seen.flatMap(observation => {
    if (observation.kind === 'finding') return [observation.finding.code]
    if (observation.kind !== 'frame') return []
    const { findings, plaintext } = observation.frame
    return [...findings, ...(plaintext?.frames.flatMap(frame => frame.findings) ?? [])].map(({ code }) => code)
  })
}

export const summariesOf = (seen: readonly Observation[]) => framesOf(seen).map(({ summary }) => summary)
