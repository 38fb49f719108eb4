import type { FieldName } from '../dissect/field.ts'
import type { SeenFrame } from '../dissect/observation.ts'
import type { LegacyRecord } from './legacy-record.ts'

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
