import type { Connection, Side } from '../capture/stream-event.ts'
import type { Observation, SeenFrame, Spoken } from '../dissect/observation.ts'
import { valueOf } from '../message/field.ts'
import type { Evidence } from './evidence.ts'
import { type LegacyRecord, legacyRecordsOf } from './legacy-record.ts'

/** Connections that are looked into; a capture with more is no lesson. */
const MOST_CONNECTIONS = 1_024

/** Records of a conversation that a search tests keys on: more tell nothing that these do not. */
const PROBES = 16

/** Bytes of these records beyond the first: a capture that somebody made up must not fill the memory. */
const PROBE_BYTES = 16_384

/** OFFER, RETRY, OFFER, ANSWER: what comes behind that is no exchange. */
const AGREEMENT_FRAMES = 4

/** Bits of the smallest public value: what is less than a byte is no exchange that anybody could look into. */
const LEAST_BITS = 8

/** Who is online under which name is no secret, on no rung. */
const NO_CONVERSATIONS: readonly Spoken[] = ['directory/1', 'legacy-directory']

/** Gathers from a capture what an attack can begin with. */
export interface EvidenceCollector {
  see(observation: Observation): void
  /** One piece for each conversation, in their order. */
  readonly evidence: readonly Evidence[]
  /** Conversations that it did not look into, because there were too many. */
  readonly ignored: number
}

/** All that was seen of one connection so far. */
interface Notes {
  readonly connection: Connection
  readonly spoken: Spoken
  initiator: Side
  readonly hellos: Partial<Record<Side, Uint8Array>>
  readonly agreement: Uint8Array[]
  group: string
  publicValues: Partial<Record<Side, bigint>>
  bits: number
  answered: boolean
  readonly identities: Record<Side, Uint8Array | null>
  readonly probes: LegacyRecord[]
  probeBytes: number
}

export function evidenceCollector(): EvidenceCollector {
  const notes = new Map<number, Notes>()
  let ignored = 0

  function notesOn(connection: Connection, spoken: Spoken | null): Notes | null {
    const known = notes.get(connection.number)
    if (known !== undefined) return known
    if (!isConversation(spoken) || notes.size >= MOST_CONNECTIONS) return null
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
      probeBytes: 0,
    }
    notes.set(connection.number, fresh)
    return fresh
  }

  return {
    see(observation) {
      if (observation.kind === 'conversation') {
        const { connection, spoken } = observation
        if (isConversation(spoken) && notesOn(connection, spoken) === null) ignored += 1
      }
      if (observation.kind !== 'frame') return
      const { frame } = observation
      const about = notesOn(frame.connection, frame.spoken)
      // Neither side continues after an invalid frame.
      const sound = !frame.findings.some(({ code }) => code === 'bad-frame')
      if (about !== null && sound) takeNote(about, frame)
    },
    get evidence() {
      return [...notes.values()].map(evidenceOf)
    },
    get ignored() {
      return ignored
    },
  }
}

function isConversation(spoken: Spoken | null): spoken is Spoken {
  return spoken !== null && !NO_CONVERSATIONS.includes(spoken)
}

function takeNote(notes: Notes, frame: SeenFrame): void {
  const { from } = frame
  // A copy: what it is a view of is a large piece of the file, and notes stay to the end.
  const bytes = () => new Uint8Array(frame.bytes)
  switch (frame.name) {
    case 'HELLO':
      notes.hellos[from] ??= bytes()
      return
    case 'OFFER':
    case 'RETRY':
    case 'ANSWER':
      if (notes.answered || notes.agreement.length >= AGREEMENT_FRAMES) return
      notes.agreement.push(bytes())
      if (frame.name === 'RETRY') return
      if (frame.name === 'OFFER') {
        notes.initiator = from
        notes.publicValues = {}
        notes.bits = 0
      }
      notes.answered = frame.name === 'ANSWER'
      notes.group = valueOf(frame, 'dh.group') ?? ''
      takePublicValue(notes, frame, `0x${valueOf(frame, 'dh.public')}`)
      notes.bits = Math.max(notes.bits, 4 * (valueOf(frame, 'dh.public')?.length ?? 0))
      return
    case 'IDENTITY':
      notes.identities[from] ??= bytes()
      return
    case 'legacy public value':
      takePublicValue(notes, frame, valueOf(frame, 'legacy.public') ?? '')
      return
    case 'legacy record':
      if (notes.probes.length === 0 || (notes.probes.length < PROBES && notes.probeBytes < PROBE_BYTES)) {
        notes.probes.push(...legacyRecordsOf(frame))
        notes.probeBytes += frame.bytes.length
      }
      return
  }
}

function takePublicValue(notes: Notes, { from }: SeenFrame, text: string): void {
  if (/^(?:0x[0-9a-f]+|[0-9]+)$/.test(text)) notes.publicValues[from] = BigInt(text)
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
      if (!notes.answered || dialler === undefined || listener === undefined || bits < LEAST_BITS) break
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
