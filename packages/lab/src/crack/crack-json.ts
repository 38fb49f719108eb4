import type { CrackEvent } from './crack-event.ts'

/**
 * An event as programs read it, without `v` and `at`. Numbers that may be large are decimal strings; estimates are powers
 * of two, as their names say. Progress is for people.
 *
 * @returns null for an event that is not told
 */
export function crackJson(event: CrackEvent): Record<string, unknown> | null {
  switch (event.event) {
    case 'progress':
      return null
    case 'seen':
      return { event: 'seen', ...seenJson(event.seen) }
    case 'search':
      return { ...event, connection: event.connection.number, p: event.p === null ? null : String(event.p) }
    case 'exponent':
      return {
        ...event,
        connection: event.connection.number,
        of: event.connection[event.of],
        exponent: String(event.exponent),
        shared: String(event.shared),
      }
    case 'not-in-group':
      return { ...event, connection: event.connection.number, of: event.connection[event.of] }
    case 'infeasible': {
      const { bits, exponentBits, rate, kangaroo, sieve } = event.estimate
      return {
        event: 'infeasible',
        group: event.group,
        connections: event.connections.map(({ number }) => number),
        bits,
        exponentBits,
        rate,
        kangarooStepsLog2: kangaroo?.steps ?? null,
        kangarooYearsLog2: kangaroo?.years ?? null,
        sieveOperationsLog2: sieve.operations,
        sieveCoreYearsLog2: sieve.coreYears,
      }
    }
    case 'gave-up':
    case 'secret':
    case 'message':
      return { ...event, connection: event.connection.number }
    case 'groups':
    case 'done':
      return { ...event }
  }
}

function seenJson(seen: Extract<CrackEvent, { event: 'seen' }>['seen']): Record<string, unknown> {
  const { kind, connection } = seen
  const common = { kind, connection: connection.number, dialler: connection.dialler, listener: connection.listener }
  switch (kind) {
    case 'handshake': {
      const { spoken, group, bits, publicValues } = seen
      return {
        ...common,
        spoken,
        group,
        bits,
        publicValues: [String(publicValues.dialler), String(publicValues.listener)],
      }
    }
    case 'legacy': {
      const { publicValues, probes } = seen
      return {
        ...common,
        spoken: 'legacy-peer',
        publicValues: [String(publicValues.dialler), String(publicValues.listener)],
        encrypted: probes.length > 0,
      }
    }
    case 'open':
    case 'part':
      return { ...common, spoken: seen.spoken }
  }
}
