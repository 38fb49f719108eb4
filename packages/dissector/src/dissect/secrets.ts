import { hexOf } from '../message/read-body.ts'
import { boundedMap } from './bounded-map.ts'

/** Which secret of the key schedule (docs/protocol.md, Key schedule). */
export type SecretKind = 'handshake' | 'session'

/** Most secrets that are kept, two for each conversation: far more than a capture of people who talk. */
export const SECRET_LIMIT = 200_000

const KINDS: Readonly<Record<string, SecretKind>> = {
  P2PC_HANDSHAKE_SECRET: 'handshake',
  P2PC_SESSION_SECRET: 'session',
}

const LINE = /^(P2PC_(?:HANDSHAKE|SESSION)_SECRET)\s+([0-9a-f]{64})\s+([0-9a-f]{64})$/i

/** The secrets that the clients wrote down, by the transcript they belong to. */
export interface Secrets {
  /**
   * Takes whole lines, of a key log or of a packet's comment. Blank lines and what begins with `#` say nothing. Of two
   * lines for one transcript the later one counts.
   */
  add(text: string): void
  /**
   * @param transcriptHash H(T1) for the handshake secret, H(T3) for the session secret
   * @returns 32 bytes that belong to the caller; null when there is no line for it
   */
  secret(kind: SecretKind, transcriptHash: Uint8Array): Uint8Array | null
  /** Secrets that are there. */
  readonly secrets: number
  /** How many of them were asked for: belong to what the capture shows. */
  readonly used: number
  /** Lines that are no line of a key log. */
  readonly garbage: number
  /** The number of the first of them in its text, from 1; null for none. */
  readonly firstGarbage: number | null
  /** The two secrets of one handshake do not follow from each other: whatever the capture shows, the key log is wrong. */
  contradict(): void
  /** How often that was so. */
  readonly contradictions: number
}

/** @param lines of a key log, as add() takes them */
export function secretsOf(lines = ''): Secrets {
  const secrets = boundedMap<string, string>(SECRET_LIMIT)
  const used = boundedMap<string, true>(SECRET_LIMIT)
  let garbage = 0
  let firstGarbage: number | null = null
  let contradictions = 0

  function addLine(line: string, number: number): void {
    if (line === '' || line.startsWith('#')) return
    const [, label = '', hash = '', hex = ''] = LINE.exec(line) ?? []
    const kind = KINDS[label.toUpperCase()]
    if (kind === undefined) {
      garbage += 1
      firstGarbage ??= number
    } else secrets.set(`${kind} ${hash.toLowerCase()}`, hex)
  }

  function add(text: string): void {
    text.split('\n').forEach((line, i) => addLine(line.trim(), i + 1))
  }
  add(lines)

  return {
    add,
    secret(kind, transcriptHash) {
      const key = `${kind} ${hexOf(transcriptHash)}`
      const hex = secrets.get(key)
      if (hex === undefined) return null
      used.set(key, true)
      return Buffer.from(hex, 'hex')
    },
    get secrets() {
      return secrets.size
    },
    get used() {
      return used.size
    },
    get garbage() {
      return garbage
    },
    get firstGarbage() {
      return firstGarbage
    },
    contradict() {
      contradictions += 1
    },
    get contradictions() {
      return contradictions
    },
  }
}
