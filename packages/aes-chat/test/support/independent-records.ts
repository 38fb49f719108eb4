// The record layer once more, from docs/protocol.md and node:crypto alone. It shares no code with the product, so that
// both can only be wrong together where the document is.
import { createDecipheriv, createHmac } from 'node:crypto'

const hmac = (key: Uint8Array, ...parts: (Uint8Array | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHmac('sha256', key)).digest()

/** HKDF-Expand for 32 bytes is one HMAC. */
const expand = (secret: Uint8Array, purpose: string) =>
  hmac(secret, `p2p-secure-chat peer-aes/1 ${purpose}`, Uint8Array.of(1))

export const encryptionKeyOf = (secret: Uint8Array) => expand(secret, 'record encryption')
export const macKeyOf = (secret: Uint8Array) => expand(secret, 'record mac')
export const secretAfter = (secret: Uint8Array) => expand(secret, 'key update')

export interface Opened {
  /** Without the key update. */
  readonly batch: Buffer
  readonly keyUpdate: boolean
  readonly plaintext: Buffer
  readonly macInput: Buffer
}

/** The sizes that a plaintext may have, smallest first. */
const BUCKETS = [64, 128, 256, 512, ...Array.from({ length: 64 }, (_, i) => 1_024 * (i + 1))]

function framesOf(batch: Buffer): Buffer[] | null {
  const frames: Buffer[] = []
  for (let rest = batch; rest.length > 0; ) {
    if (rest.length < 5) return null
    const size = 4 + rest.readUInt32BE(0)
    if (size < 5 || size > rest.length) return null
    frames.push(rest.subarray(0, size))
    rest = rest.subarray(size)
  }
  return frames
}

/** Opens one record in its place; null when a receiver must refuse it. */
export function openIndependently(
  secret: Uint8Array,
  direction: number,
  sequence: number,
  record: Uint8Array,
): Opened | null {
  const body = Buffer.from(record)
  if (body.length < 16 + 16 + 32) return null
  const [iv, ciphertext, tag] = [body.subarray(0, 16), body.subarray(16, -32), body.subarray(-32)]
  const header = Buffer.from(
    sequence.toString(16).padStart(16, '0') +
      direction.toString(16).padStart(2, '0') +
      (1 + body.length).toString(16).padStart(8, '0') +
      '40',
    'hex',
  )
  const macInput = Buffer.concat([header, iv, ciphertext])
  if (!hmac(macKeyOf(secret), macInput).equals(tag)) return null

  let padded: Buffer
  const decipher = createDecipheriv('aes-256-cbc', encryptionKeyOf(secret), iv)
  try {
    padded = Buffer.concat([decipher.update(ciphertext), decipher.final()])
  } catch {
    return null
  }
  const end = 4 + padded.readUInt32BE(0)
  if (end === 4 || BUCKETS.find(bucket => bucket >= end) !== padded.length) return null
  if (padded.subarray(end).some(byte => byte !== 0)) return null

  const frames = framesOf(padded.subarray(4, end))
  if (frames === null) return null
  const updates = frames.filter(frame => frame[4] === 0x41)
  const keyUpdate = updates.length === 1 && frames.at(-1)?.toString('hex') === '0000000141' && frames.length > 1
  if (updates.length > 0 && !keyUpdate) return null
  return {
    batch: Buffer.concat(keyUpdate ? frames.slice(0, -1) : frames),
    keyUpdate,
    plaintext: Buffer.concat([padded, Buffer.alloc(16, 16)]),
    macInput,
  }
}
