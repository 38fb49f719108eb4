import type { Field } from './field.ts'
import type { Finding, FindingCode } from './finding.ts'
import type { Plaintext } from './observation.ts'

/** What keys, and what came before, add to a sealed frame. */
export interface Opened {
  readonly fields: readonly Field[]
  readonly findings: readonly Finding[]
  readonly plaintext: Plaintext | null
  /** What follows the name of the frame in one line. */
  readonly line: string
}

/** A frame that is not sealed, or stays so. */
export function withoutPlaintext(
  line: string,
  fields: readonly Field[] = [],
  codes: readonly FindingCode[] = [],
): Opened {
  return { fields, findings: codes.map(code => ({ code, detail: null })), plaintext: null, line }
}
