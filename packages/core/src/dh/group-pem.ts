import { ChatError } from '../errors.ts'
import { derInteger, derSequence, readIntegerSequence } from './der.ts'

/** The numbers that make a group, before anybody has checked them. */
export interface GroupParameters {
  readonly p: bigint
  readonly g: bigint
}

const LABEL = 'DH PARAMETERS'

/** Characters of base64 in a line (RFC 7468, section 2). */
const LINE_LENGTH = 64

/** One block of base64 between its two lines; other text may stand before and after it, as `openssl -text` does. */
const BLOCK = /-----BEGIN ([A-Z0-9. ]+)-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END \1-----/g

/** The DER of `SEQUENCE { prime INTEGER, base INTEGER }` (PKCS #3, section 9), without the optional third field. */
export function encodeGroupDer({ p, g }: GroupParameters): Uint8Array {
  return derSequence(derInteger(p), derInteger(g))
}

/** The PEM file that `openssl dhparam` reads. */
export function encodeGroupPem(parameters: GroupParameters): string {
  const base64 = Buffer.from(encodeGroupDer(parameters)).toString('base64')
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, 'g')) ?? []
  return [`-----BEGIN ${LABEL}-----`, ...lines, `-----END ${LABEL}-----`, ''].join('\n')
}

/**
 * Reads a PEM file with exactly one block of PKCS #3 parameters. A third INTEGER, the length that the file's author
 * proposes for exponents, is ignored: the length follows from the prime.
 *
 * @returns what the file says, unchecked: checkGroup is to follow
 * @throws {ChatError} `bad-group-file`
 */
export function parseGroupPem(text: string): GroupParameters {
  const [block, another] = [...text.matchAll(BLOCK)]
  if (block === undefined) throw new ChatError('bad-group-file', `there is no -----BEGIN ${LABEL}----- block`)
  if (another !== undefined) throw new ChatError('bad-group-file', 'there is more than one PEM block')
  const [, label, base64 = ''] = block
  if (label !== LABEL) throw new ChatError('bad-group-file', `the block holds ${label}, not ${LABEL}`)
  const [p, g, ...optional] = readIntegerSequence(decodeBase64(base64.replaceAll(/[\r\n]/g, '')))
  if (p === undefined || g === undefined || optional.length > 1) {
    throw new ChatError('bad-group-file', 'a SEQUENCE of prime, generator and perhaps a length is expected')
  }
  return { p, g }
}

function decodeBase64(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, 'base64')
  // Node's decoder skips what it does not understand, so the way back is what tells.
  if (bytes.toString('base64') !== base64) throw new ChatError('bad-group-file', 'the block is not valid base64')
  return bytes
}
