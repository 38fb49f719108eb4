import type { Connection, Side } from '@p2p-secure-chat/dissector/capture/stream-event'
import type { SeenHandshake, SeenLegacy, SeenOpen, SeenPart } from '@p2p-secure-chat/dissector/exchange/evidence'

/** How a discrete logarithm is looked for. */
export type Method = 'baby-step giant-step' | 'pollard rho'

/** Why a group stays closed: operations and years as powers of two. */
export interface Estimate {
  /** Size of the prime. */
  readonly bits: number
  /** Shortest private exponent in such a group; null where no table says. */
  readonly exponentBits: number | null
  /** Multiplications in a second, as measured now on one core of this machine modulo a number of that size. */
  readonly rate: number
  /** Pollard's kangaroos; null where the size of exponents is not known. */
  readonly kangaroo: { readonly steps: number; readonly years: number } | null
  /** The number field sieve, with years of one core scaled from what the largest published computation took. */
  readonly sieve: { readonly operations: number; readonly coreYears: number }
}

/** A group of a textbook, and the exponents of both sides in it. */
export interface LegacyGroup {
  readonly p: number
  readonly g: number
  /** Private exponents of those who sent the first and the second public value, the smallest that fit. */
  readonly exponents: readonly [number, number]
}

/** What a search has done. */
interface Effort {
  readonly steps: number
  readonly seconds: number
}

/** What happens while a capture is attacked, in order. */
export type CrackEvent =
  /** A conversation that there is something to do about, or nothing. */
  | { readonly event: 'seen'; readonly seen: SeenHandshake | SeenLegacy | SeenOpen | SeenPart }
  | {
      readonly event: 'search'
      readonly connection: Connection
      /** Null for secrets that are tried one after the other. */
      readonly method: Method | null
      /** The prime; null where it is not known. */
      readonly p: bigint | null
      /** Steps that it takes on average; null if unknown. */
      readonly expected: number | null
    }
  | ({ readonly event: 'progress'; readonly connection: Connection } & Effort)
  | ({ readonly event: 'gave-up'; readonly connection: Connection; readonly expected: number | null } & Effort)
  | ({
      readonly event: 'exponent'
      readonly connection: Connection
      /** Whose it is. */
      readonly of: Side
      readonly exponent: bigint
      readonly shared: bigint
      /** Whether an identity in the capture shows that it is the secret both sides had. */
      readonly proved: boolean
    } & Effort)
  | ({
      readonly event: 'secret'
      readonly connection: Connection
      /** The likeliest first, each with the first of the texts that open under it. */
      readonly fits: readonly { readonly secret: number; readonly sample: string }[]
      /** Small groups that lead from the public values to the first of them. */
      readonly groups: readonly LegacyGroup[]
    } & Effort)
  /** What every cracked conversation of the textbook's format leaves over, where there are several. */
  | { readonly event: 'groups'; readonly groups: readonly LegacyGroup[]; readonly conversations: number }
  | { readonly event: 'not-in-group'; readonly connection: Connection; readonly of: Side }
  /** A group that is no toy, with all the conversations that used it. */
  | {
      readonly event: 'infeasible'
      readonly group: string
      readonly connections: readonly Connection[]
      readonly estimate: Estimate
    }
  | {
      readonly event: 'message'
      readonly connection: Connection
      readonly packet: number
      /** Who said it: a name that an identity gives, else the address. */
      readonly from: string
      /** Null for a record that does not open. */
      readonly text: string | null
    }
  | {
      readonly event: 'done'
      /** Messages that can be read now. */
      readonly recovered: number
      /** Conversations left out because the capture has too many. */
      readonly ignored: number
    }

/**
 * An event as programs read it, without `v` and `at`. Numbers that may be large are decimal strings; estimates are powers
 * of two, as their names say. Progress is for people.
 *
 * @returns null for an event without a line
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
