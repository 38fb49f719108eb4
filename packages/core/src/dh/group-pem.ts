import { ChatError } from '../errors.ts'
import { derInteger, derSequence, readDer } from './der.ts'
import { decodePem, encodePem } from './pem.ts'

/** The numbers that make a group, before anybody has checked them. */
export interface GroupParameters {
  readonly p: bigint
  readonly g: bigint
}

const LABEL = 'DH PARAMETERS'

/** The DER of `SEQUENCE { prime INTEGER, base INTEGER }` (PKCS #3, section 9), without the optional third field. */
export function encodeGroupDer({ p, g }: GroupParameters): Uint8Array {
  return derSequence(derInteger(p), derInteger(g))
}

/** The PEM file that `openssl dhparam` reads. */
export function encodeGroupPem(parameters: GroupParameters): string {
  return encodePem({ label: LABEL, der: encodeGroupDer(parameters) })
}

/**
 * Reads a PEM file with exactly one block of PKCS #3 parameters. A third INTEGER, the length that the file's author
 * proposes for exponents, is ignored: the length follows from the prime.
 *
 * @returns what the file says, unchecked: checkGroup is to follow
 * @throws {ChatError} `bad-group-file`
 */
export function parseGroupPem(text: string): GroupParameters {
  const reader = readDer(decodePem(text, [LABEL], 'bad-group-file').der, 'bad-group-file')
  const sequence = reader.sequence()
  reader.end()
  const integers: bigint[] = []
  while (!sequence.isAtEnd()) integers.push(sequence.integer())
  const [p, g, ...optional] = integers
  if (p === undefined || g === undefined || optional.length > 1) {
    throw new ChatError('bad-group-file', 'a SEQUENCE of prime, generator and perhaps a length is expected')
  }
  return { p, g }
}
