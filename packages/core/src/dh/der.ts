import { ChatError } from '../errors.ts'
import { bigintFromBytes, bigintToBytes } from './bytes.ts'
import { bitLength } from './bits.ts'

// The little of ASN.1 DER (ITU-T X.690) that Diffie-Hellman parameters need.
const INTEGER = 0x02
const SEQUENCE = 0x30

/** Encodes a non-negative INTEGER. */
export function derInteger(value: bigint): Uint8Array {
  // One bit more than the number needs: the highest one is the sign.
  return element(INTEGER, bigintToBytes(value, Math.floor(bitLength(value) / 8) + 1))
}

/** Encodes a SEQUENCE of what is encoded already. */
export function derSequence(...parts: Uint8Array[]): Uint8Array {
  return element(SEQUENCE, Buffer.concat(parts))
}

function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content
  if (length < 0x80) return Uint8Array.of(tag, length, ...content)
  const lengthBytes = bigintToBytes(BigInt(length), Math.ceil(bitLength(BigInt(length)) / 8))
  return Uint8Array.of(tag, 0x80 | lengthBytes.length, ...lengthBytes, ...content)
}

/**
 * Reads a SEQUENCE of non-negative INTEGERs and nothing else, strictly: each value has one encoding, and any other is
 * refused.
 *
 * @throws {ChatError} `bad-group-file`
 */
export function readIntegerSequence(der: Uint8Array): bigint[] {
  const sequence = readElement(der, SEQUENCE)
  if (sequence.rest.length > 0) throw bad('bytes follow the SEQUENCE')
  const integers: bigint[] = []
  for (let left = sequence.content; left.length > 0; ) {
    const { content, rest } = readElement(left, INTEGER)
    integers.push(integerOf(content))
    left = rest
  }
  return integers
}

function integerOf(content: Uint8Array): bigint {
  const [first, second] = content
  if (first === undefined) throw bad('an INTEGER is empty')
  if (first >= 0x80) throw bad('an INTEGER is negative')
  if (first === 0 && second !== undefined && second < 0x80) throw bad('an INTEGER starts with a needless zero byte')
  return bigintFromBytes(content)
}

function readElement(der: Uint8Array, wanted: number): { content: Uint8Array; rest: Uint8Array } {
  const [tag, short] = der
  if (tag !== wanted) throw bad(`${wanted === SEQUENCE ? 'a SEQUENCE' : 'an INTEGER'} is expected`)
  if (short === undefined) throw bad('a length is missing')
  const lengthBytes = short < 0x80 ? 0 : short - 0x80
  const start = 2 + lengthBytes
  const length = lengthBytes === 0 ? BigInt(short) : bigintFromBytes(der.subarray(2, start))
  const shortest = length < 0x80n ? 0 : Math.ceil(bitLength(length) / 8)
  if (short === 0x80 || lengthBytes !== shortest) throw bad('a length is not in its shortest form')
  if (length > der.length - start) throw bad('the data ends too early')
  const end = start + Number(length)
  return { content: der.subarray(start, end), rest: der.subarray(end) }
}

function bad(reason: string): ChatError {
  return new ChatError('bad-group-file', `not valid DER: ${reason}`)
}
