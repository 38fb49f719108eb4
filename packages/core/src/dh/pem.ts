import { ChatError, type ErrorCode } from '../errors.ts'

/** One thing in DER, and the label that says what it is. */
export interface PemBlock {
  readonly label: string
  readonly der: Uint8Array
}

/** Characters of base64 in a line (RFC 7468, section 2). */
const LINE_LENGTH = 64

/** One block of base64 between its two lines; other text may stand before and after it, as `openssl -text` does. */
const BLOCK = /-----BEGIN ([A-Z0-9. ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g

/** Writes PEM as RFC 7468, section 3, wants it. */
export function encodePem({ label, der }: PemBlock): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64')
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/**
 * Reads a text with exactly one block.
 *
 * @param labels those that are taken, the usual one first
 * @param code of the error for every other text
 * @throws {ChatError} `code`
 */
export function decodePem(text: string, labels: readonly [string, ...string[]], code: ErrorCode): PemBlock {
  const [block, another] = [...text.matchAll(BLOCK)]
  if (block === undefined) throw new ChatError(code, `there is no -----BEGIN ${labels[0]}----- block`)
  if (another !== undefined) throw new ChatError(code, 'there is more than one PEM block')
  const [, label = '', lines = ''] = block
  if (!labels.includes(label)) throw new ChatError(code, `the block holds ${label}, not ${labels[0]}`)
  const base64 = lines.replaceAll(/[\r\n]/g, '')
  const der = Buffer.from(base64, 'base64')
  // Node's decoder skips what it does not understand, so the way back is what tells.
  if (der.toString('base64') !== base64) throw new ChatError(code, 'the block is not valid base64')
  return { label, der }
}
