import type { SecureProtocol } from '@p2p-secure-chat/dh-chat/handshake/key-schedule'
import type { Connection, Side } from '../capture/stream-event.ts'
import type { FieldName } from '../dissect/field.ts'
import type { Observation, SeenFrame, Spoken } from '../dissect/observation.ts'
import type { LegacyRecord } from './legacy-record.ts'

/** Connections that are looked into; a capture with more is no lesson. */
const MOST_CONNECTIONS = 1_024

/** Records of a conversation that a search tests keys on: more tell nothing that these do not. */
const PROBES = 16

/** Who is online under which name is no secret, on no rung. */
const NO_CONVERSATIONS: readonly Spoken[] = ['directory/1', 'legacy-directory']

/** What a handshake of ours shows to everybody. Frames are as they crossed the wire. */
export interface SeenHandshake {
  readonly kind: 'handshake'
  readonly connection: Connection
  readonly spoken: SecureProtocol
  /** Who sent OFFER. */
  readonly initiator: Side
  readonly hellos: Readonly<Record<Side, Uint8Array>>
  /** OFFER, if there were any RETRY and OFFER, ANSWER. */
  readonly agreement: readonly Uint8Array[]
  readonly group: string
  /** The size of the prime in bits, as far as the public values show. */
  readonly bits: number
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** IDENTITY of each side, as far as it is in the capture. */
  readonly identities: Readonly<Record<Side, Uint8Array | null>>
}

/** What a conversation in the textbook's format shows to everybody. */
export interface SeenLegacy {
  readonly kind: 'legacy'
  readonly connection: Connection
  readonly publicValues: Readonly<Record<Side, bigint>>
  /** The first of its encrypted records; none in a conversation that is not encrypted. */
  readonly probes: readonly LegacyRecord[]
}

/** A conversation in which everything is in the open. */
export interface SeenOpen {
  readonly kind: 'open'
  readonly connection: Connection
  readonly spoken: Spoken
}

/** A conversation of ours whose exchange is not in the capture. */
export interface SeenPart {
  readonly kind: 'part'
  readonly connection: Connection
  readonly spoken: Spoken
}

export type Evidence = SeenHandshake | SeenLegacy | SeenOpen | SeenPart

/** Gathers from a capture what an attack can begin with. */
export interface EvidenceCollector {
  see(observation: Observation): void
  /** One piece for each conversation, in their order. */
  readonly evidence: readonly Evidence[]
  /** Whether there were more connections than it looks into. */
  readonly tooMany: boolean
}

/** All that was seen of one connection so far. */
interface Notes {
  readonly connection: Connection
  readonly spoken: Spoken
  initiator: Side
  readonly hellos: Partial<Record<Side, Uint8Array>>
  readonly agreement: Uint8Array[]
  group: string
  readonly publicValues: Partial<Record<Side, bigint>>
  bits: number
  answered: boolean
  readonly identities: Record<Side, Uint8Array | null>
  readonly probes: LegacyRecord[]
}

export function evidenceCollector(): EvidenceCollector {
  const notes = new Map<number, Notes>()
  let tooMany = false

  function notesOn(connection: Connection, spoken: Spoken | null): Notes | null {
    const known = notes.get(connection.number)
    if (known !== undefined) return known
    if (spoken === null || NO_CONVERSATIONS.includes(spoken)) return null
    if (notes.size >= MOST_CONNECTIONS) {
      tooMany = true
      return null
    }
    const fresh: Notes = {
      connection,
      spoken,
      initiator: 'dialler',
      hellos: {},
      agreement: [],
      group: '',
      publicValues: {},
      bits: 0,
      answered: false,
      identities: { dialler: null, listener: null },
      probes: [],
    }
    notes.set(connection.number, fresh)
    return fresh
  }

  return {
    see(observation) {
      if (observation.kind === 'conversation') notesOn(observation.connection, observation.spoken)
      if (observation.kind !== 'frame') return
      const { frame } = observation
      const about = notesOn(frame.connection, frame.spoken)
      if (about !== null) takeNote(about, frame)
    },
    get evidence() {
      return [...notes.values()].map(evidenceOf)
    },
    get tooMany() {
      return tooMany
    },
  }
}

function takeNote(notes: Notes, frame: SeenFrame): void {
  const { from, bytes } = frame
  switch (frame.name) {
    case 'HELLO':
      notes.hellos[from] ??= bytes
      return
    case 'OFFER':
    case 'RETRY':
    case 'ANSWER':
      if (notes.answered) return
      notes.agreement.push(bytes)
      if (frame.name === 'RETRY') return
      if (frame.name === 'OFFER') {
        notes.initiator = from
        notes.bits = 0
      }
      notes.answered = frame.name === 'ANSWER'
      notes.group = valueOf(frame, 'dh.group') ?? ''
      takePublicValue(notes, frame, `0x${valueOf(frame, 'dh.public')}`)
      notes.bits = Math.max(notes.bits, 4 * (valueOf(frame, 'dh.public')?.length ?? 0))
      return
    case 'IDENTITY':
      notes.identities[from] ??= bytes
      return
    case 'legacy public value':
      takePublicValue(notes, frame, valueOf(frame, 'legacy.public') ?? '')
      return
    case 'legacy record':
      if (notes.probes.length < PROBES) notes.probes.push(...legacyRecordsOf(frame))
      return
  }
}

function takePublicValue(notes: Notes, { from }: SeenFrame, text: string): void {
  if (/^(?:0x[0-9a-f]+|[0-9]+)$/.test(text)) notes.publicValues[from] = BigInt(text)
}

/** The first value of a field. */
export function valueOf({ fields }: Pick<SeenFrame, 'fields'>, name: FieldName): string | undefined {
  return fields.find(field => field.name === name)?.value
}

/** The record in a frame, where there is a whole one. */
export function legacyRecordsOf(frame: SeenFrame): LegacyRecord[] {
  const iv = Buffer.from(valueOf(frame, 'legacy.iv') ?? '', 'hex')
  const ciphertext = Buffer.from(valueOf(frame, 'legacy.ciphertext') ?? '', 'hex')
  const whole = iv.length === 16 && ciphertext.length > 0 && ciphertext.length % 16 === 0
  return whole ? [{ iv, ciphertext }] : []
}

function evidenceOf(notes: Notes): Evidence {
  const { connection, spoken, initiator, hellos, agreement, group, bits, publicValues, identities, probes } = notes
  const { dialler, listener } = publicValues
  switch (spoken) {
    case 'legacy-peer':
      if (dialler === undefined || listener === undefined) break
      return { kind: 'legacy', connection, publicValues: { dialler, listener }, probes }
    case 'peer-dh/1':
    case 'peer-aes/1':
      if (!notes.answered || dialler === undefined || listener === undefined) break
      if (hellos.dialler === undefined || hellos.listener === undefined) break
      return {
        kind: 'handshake',
        connection,
        spoken,
        initiator,
        hellos: { dialler: hellos.dialler, listener: hellos.listener },
        agreement,
        group,
        bits,
        publicValues: { dialler, listener },
        identities,
      }
    default:
      return { kind: 'open', connection, spoken }
  }
  return { kind: 'part', connection, spoken }
}
