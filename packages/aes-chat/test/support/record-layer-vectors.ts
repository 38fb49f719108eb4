import { cbcEncryptor, encryptCbc } from '@p2p-secure-chat/core/cipher/aes-cbc'
import { expandLabel } from '@p2p-secure-chat/core/cipher/hkdf'
import { mac } from '@p2p-secure-chat/core/cipher/mac'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { fixedBytes } from '../../../core/test/support/fixed-bytes.ts'
import { KEY_UPDATE_FRAME, plaintextParts } from '../../src/record-plaintext.ts'
import type { DirectionByte } from '../../src/record.ts'
import { sealedRecords } from '../../src/sealed-records.ts'
import { KEY_UPDATE } from '../../src/messages.ts'

/** A record, and where its receiver stands. All bytes are in hex. */
interface Vector {
  readonly name: string
  /** What the receiver expects next. */
  readonly direction: DirectionByte
  readonly sequence: number
  readonly secret: string
  readonly encryptionKey: string
  readonly macKey: string
  readonly plaintext: string
  readonly macInput: string
  readonly body: string
}

/** A record that the receiver refuses. Plaintext and MAC input are the sender's, before anybody altered the body. */
export interface RejectedVector extends Vector {
  readonly result: 'bad-record'
}

/** A record that the receiver takes, with every value on the way. */
export interface AcceptedVector extends Vector {
  readonly result: 'accepted'
  /** How the sender made the IV: AES-256(encryption key, random XOR chain). No receiver needs it. */
  readonly random: string
  readonly chain: string
  readonly batch: string
  readonly keyUpdate: boolean
  readonly iv: string
  readonly ciphertext: string
  readonly tag: string
  /** The secret of the next record, where this one announces a key update. */
  readonly nextSecret: string | null
}

/** Records after which these senders update their keys. */
const VECTOR_UPDATE_AFTER = 2

const BLOCK = 16
const TAG = 32

const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const text = (body: string) => encodeFrame({ type: TEXT.type, body: Buffer.from(body) })
/** A text frame of that many bytes. */
const textOf = (bytes: number) => text('x'.repeat(bytes - 5))

const label = (secret: Uint8Array, purpose: string) => expandLabel(secret, `p2p-secure-chat peer-aes/1 ${purpose}`, 32)

function macInput(
  direction: DirectionByte,
  sequence: number,
  sealed: Uint8Array,
  length = 1 + sealed.length + TAG,
): Buffer {
  const header = Buffer.alloc(14)
  header.writeBigUInt64BE(BigInt(sequence), 0)
  header.writeUInt8(direction, 8)
  header.writeUInt32BE(length, 9)
  header.writeUInt8(0x40, 13)
  return Buffer.concat([header, sealed])
}

/** The records of one sender, in order. */
function sentRecords(
  direction: DirectionByte,
  batches: readonly (readonly [name: string, batch: Uint8Array])[],
): AcceptedVector[] {
  const source = fixedBytes(`record layer vectors, direction ${direction}`)
  let secret = source(32)
  let random = new Uint8Array()
  let chain = new Uint8Array(BLOCK)
  const protection = sealedRecords({
    sendSecret: secret.slice(),
    receiveSecret: new Uint8Array(32),
    sendDirection: direction,
    updateAfter: VECTOR_UPDATE_AFTER,
    random: bytes => {
      random = Uint8Array.from(source(bytes))
      return random.slice()
    },
  })

  return batches.map(([name, batch], sequence) => {
    const body = protection.seal(batch)
    const sealed = body.subarray(0, -TAG)
    const encryptionKey = label(secret, 'record encryption')
    const keyUpdate = (sequence + 1) % VECTOR_UPDATE_AFTER === 0
    const plaintext = Buffer.concat(keyUpdate ? plaintextParts(batch, KEY_UPDATE_FRAME) : plaintextParts(batch))
    const nextSecret = keyUpdate ? label(secret, 'key update') : null
    const vector: AcceptedVector = {
      name,
      result: 'accepted',
      direction,
      sequence,
      secret: toHex(secret),
      encryptionKey: toHex(encryptionKey),
      macKey: toHex(label(secret, 'record mac')),
      random: toHex(random),
      chain: toHex(chain),
      batch: toHex(batch),
      keyUpdate,
      plaintext: toHex(plaintext),
      iv: toHex(sealed.subarray(0, BLOCK)),
      ciphertext: toHex(sealed.subarray(BLOCK)),
      macInput: toHex(macInput(direction, sequence, sealed)),
      tag: toHex(body.subarray(-TAG)),
      body: toHex(body),
      nextSecret: nextSecret === null ? null : toHex(nextSecret),
    }
    // The sender's cipher has gone two blocks of zeros beyond the record, where the tag now stands.
    const beyond = encryptCbc(encryptionKey, sealed.subarray(0, BLOCK), Buffer.concat([plaintext, Buffer.alloc(TAG)]))
    chain = keyUpdate ? new Uint8Array(BLOCK) : Uint8Array.from(beyond.subarray(-2 * BLOCK, -BLOCK))
    secret = nextSecret ?? secret
    return vector
  })
}

interface Fault {
  readonly name: string
  readonly plaintext?: Uint8Array
  /** What of IV and ciphertext the sender puts under the tag. */
  readonly cut?: number
  /** What the sender puts under the tag where the receiver expects 0, 0 and the length of the frame. */
  readonly sequence?: number
  readonly direction?: DirectionByte
  readonly length?: number
  readonly alter?: (body: Buffer) => Uint8Array
}

const harmless = Buffer.concat(plaintextParts(text('hello')))

const plaintextOf = (...frames: Uint8Array[]) => Buffer.concat(plaintextParts(...frames))

const flip = (at: number) => (body: Buffer) => {
  const index = at < 0 ? body.length + at : at
  body.writeUInt8(body.readUInt8(index) ^ 1, index)
  return body
}

function harmlessWith(byte: number, at: number): Buffer {
  const plaintext = Buffer.from(harmless)
  plaintext.writeUInt8(byte, at)
  return plaintext
}

const FAULTS: readonly Fault[] = [
  { name: 'a bit of the IV is flipped', alter: flip(0) },
  { name: 'a bit of the ciphertext is flipped', alter: flip(BLOCK) },
  { name: 'a bit of the tag is flipped', alter: flip(-1) },
  { name: 'a block is missing', alter: body => Buffer.concat([body.subarray(0, 64), body.subarray(80)]) },
  { name: 'the last byte is missing', alter: body => body.subarray(0, -1) },
  { name: 'a byte too many', alter: body => Buffer.concat([body, Buffer.alloc(1)]) },
  { name: 'nothing at all', alter: () => new Uint8Array() },
  { name: 'the record before was dropped: its number is 1', sequence: 1 },
  { name: 'sent back to its sender: the direction is 1', direction: 1 },
  { name: 'another frame length under the tag', length: 128 },
  { name: 'an IV alone, with its tag', cut: BLOCK },
  { name: 'an IV and one block, with their tag', cut: 2 * BLOCK },
  { name: 'a ciphertext that is not whole blocks, with its tag', plaintext: plaintextOf(textOf(100)), cut: -1 },
  { name: 'a byte of the padding is not zero', plaintext: harmlessWith(1, 40) },
  {
    name: 'a larger bucket than the batch needs',
    plaintext: Buffer.concat([harmless.subarray(0, 64), Buffer.alloc(64), harmless.subarray(64)]),
  },
  { name: 'PKCS#7 ends in another number', plaintext: harmlessWith(15, 79) },
  { name: 'PKCS#7 begins with another number', plaintext: harmlessWith(15, 64) },
  { name: 'an empty batch', plaintext: harmlessWith(0, 3).fill(0, 4, 64) },
  { name: 'the batch length counts a zero too many', plaintext: harmlessWith(11, 3) },
  { name: 'the batch length is more than there is', plaintext: harmlessWith(255, 0) },
  { name: 'the last frame is cut off', plaintext: plaintextOf(text('hello').subarray(0, -1)) },
  { name: 'a frame of length 0', plaintext: plaintextOf(text('hello'), Buffer.alloc(4), text('hello')) },
  { name: 'a key update before a text', plaintext: plaintextOf(text('hello'), KEY_UPDATE_FRAME, text('hello')) },
  { name: 'a key update alone', plaintext: plaintextOf(KEY_UPDATE_FRAME) },
  {
    name: 'a key update with a body',
    plaintext: plaintextOf(text('hello'), encodeFrame({ type: KEY_UPDATE.type, body: Buffer.alloc(1) })),
  },
]

function rejectedRecords(): RejectedVector[] {
  const random = fixedBytes('record layer vectors, rejected')
  const secret = random(32)
  const encryptionKey = label(secret, 'record encryption')
  const macKey = label(secret, 'record mac')

  return FAULTS.map(
    ({ name, plaintext = harmless, cut, sequence = 0, direction = 0, length, alter = body => body }) => {
      const sealed = cbcEncryptor(encryptionKey, random).encrypt([plaintext]).subarray(0, cut)
      const input = macInput(direction, sequence, sealed, length)
      return {
        name,
        result: 'bad-record',
        direction: 0,
        sequence: 0,
        secret: toHex(secret),
        encryptionKey: toHex(encryptionKey),
        macKey: toHex(macKey),
        plaintext: toHex(plaintext),
        macInput: toHex(input),
        body: toHex(alter(Buffer.concat([sealed, mac(macKey, input)]))),
      }
    },
  )
}

/** The records of both directions in order, then records to refuse, each to be shown to a fresh receiver. */
export function recordLayerVectors(): (AcceptedVector | RejectedVector)[] {
  return [
    ...sentRecords(0, [
      ['the first record of the initiator', text('hello')],
      ['two texts in one record, and the key update that is due', Buffer.concat([text('to be'), text('or not')])],
      ['the next secret, the next number; the content fills its bucket of 1,024', textOf(1_020)],
      ['one byte more takes the next bucket; the second key update', textOf(1_021)],
      ['after two updates: a text that ends like a key update', text('\0\0\0\u0001A')],
    ]),
    ...sentRecords(1, [['the first record of the responder', text('hello')]]),
    ...rejectedRecords(),
  ]
}
