import { ChatError, type ErrorCode } from '../errors.ts'
import { bitLength, bigintFromBytes, bigintToBytes } from './integers.ts'

// The little of ASN.1 DER (ITU-T X.690) that Diffie-Hellman parameters and encrypted private keys need.
const INTEGER = 0x02
const OCTET_STRING = 0x04
const NULL = 0x05
const OBJECT_IDENTIFIER = 0x06
const SEQUENCE = 0x30

const NAMES: Readonly<Record<number, string>> = {
  [INTEGER]: 'an INTEGER',
  [OCTET_STRING]: 'an OCTET STRING',
  [OBJECT_IDENTIFIER]: 'an OBJECT IDENTIFIER',
  [SEQUENCE]: 'a SEQUENCE',
}

/** Encodes a non-negative INTEGER. */
export function derInteger(value: bigint): Uint8Array {
  // One bit more than the number needs: the highest one is the sign.
  return element(INTEGER, bigintToBytes(value, Math.floor(bitLength(value) / 8) + 1))
}

/** Encodes an OCTET STRING. */
export function derOctetString(bytes: Uint8Array): Uint8Array {
  return element(OCTET_STRING, bytes)
}

/** The one encoding of NULL. */
export const derNull: Uint8Array = element(NULL, new Uint8Array())

/**
 * Encodes an OBJECT IDENTIFIER.
 *
 * @param dotted its numbers, such as `1.2.840.113549.1.5.13`; two at least
 */
export function derObjectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return element(OBJECT_IDENTIFIER, Uint8Array.from([40 * first + second, ...others].flatMap(base128)))
}

/** Seven bits in a byte, the highest ones first; the eighth bit says that more follow. */
function base128(number: number): number[] {
  const groups = [number % 128]
  for (let left = Math.floor(number / 128); left > 0; left = Math.floor(left / 128)) groups.unshift(0x80 | (left % 128))
  return groups
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

/** Reads one value after another, each of the kind that is asked for; any other is an error. */
export interface DerReader {
  /** A non-negative INTEGER. */
  integer(): bigint
  octetString(): Uint8Array
  /** The encoding of an OBJECT IDENTIFIER, as derObjectIdentifier makes it. */
  objectIdentifier(): Uint8Array
  /** What is inside a SEQUENCE. */
  sequence(): DerReader
  isAtEnd(): boolean
  /** Checks that nothing is left. */
  end(): void
}

/**
 * Reads DER strictly: each value has one encoding, and any other is refused.
 *
 * @param code of the error that every method throws when the bytes are not what is asked for
 */
export function readDer(der: Uint8Array, code: ErrorCode): DerReader {
  let left = der
  const bad = (reason: string) => new ChatError(code, `not valid DER: ${reason}`)

  function next(wanted: number): { content: Uint8Array; whole: Uint8Array } {
    const [tag, short] = left
    if (tag !== wanted) throw bad(`${NAMES[wanted]} is expected`)
    if (short === undefined) throw bad('a length is missing')
    const lengthBytes = short < 0x80 ? 0 : short - 0x80
    const start = 2 + lengthBytes
    const length = lengthBytes === 0 ? BigInt(short) : bigintFromBytes(left.subarray(2, start))
    const shortest = length < 0x80n ? 0 : Math.ceil(bitLength(length) / 8)
    if (short === 0x80 || lengthBytes !== shortest) throw bad('a length is not in its shortest form')
    if (length > left.length - start) throw bad('the data ends too early')
    const whole = left.subarray(0, start + Number(length))
    left = left.subarray(whole.length)
    return { content: whole.subarray(start), whole }
  }

  return {
    integer() {
      const { content } = next(INTEGER)
      const [first, second] = content
      if (first === undefined) throw bad('an INTEGER is empty')
      if (first >= 0x80) throw bad('an INTEGER is negative')
      if (first === 0 && second !== undefined && second < 0x80) throw bad('an INTEGER starts with a needless zero byte')
      return bigintFromBytes(content)
    },
    octetString: () => next(OCTET_STRING).content,
    objectIdentifier: () => next(OBJECT_IDENTIFIER).whole,
    sequence: () => readDer(next(SEQUENCE).content, code),
    isAtEnd: () => left.length === 0,
    end() {
      if (left.length > 0) throw bad('more follows than belongs there')
    },
  }
}
