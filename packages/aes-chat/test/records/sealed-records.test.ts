import { createCipheriv } from 'node:crypto'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { RecordProtection } from '@p2p-secure-chat/core/wire/record-channel'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { LARGEST_RECORD, RECORD_CAPACITY, recordTag } from '../../src/record.ts'
import { plaintextParts } from '../../src/record-plaintext.ts'
import { type SealedRecordsOptions, sealedRecords } from '../../src/sealed-records.ts'
import { encryptionKeyOf, macKeyOf, openIndependently, secretAfter } from '../support/independent-records.ts'
import { KEY_UPDATE } from '../../src/messages.ts'

const aliceSecret = () => new Uint8Array(32).fill(0xa1)
const bobSecret = () => new Uint8Array(32).fill(0xb0)

/** Alice is the initiator. */
function alice(options: Partial<SealedRecordsOptions> = {}): RecordProtection {
  return sealedRecords({ sendSecret: aliceSecret(), receiveSecret: bobSecret(), sendDirection: 0, ...options })
}

function bob(options: Partial<SealedRecordsOptions> = {}): RecordProtection {
  return sealedRecords({ sendSecret: bobSecret(), receiveSecret: aliceSecret(), sendDirection: 1, ...options })
}

const text = (body: string | Uint8Array) => encodeFrame({ type: TEXT.type, body: Buffer.from(body) })
/** One text that makes a batch of that many bytes. */
const batchOf = (bytes: number) => text(new Uint8Array(bytes - 5).fill(0x78))
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

const badRecord = expect.objectContaining({ code: 'bad-record', message: 'a record was rejected' })

const frame = fc
  .record({ type: fc.nat(255).filter(type => type !== KEY_UPDATE.type), body: fc.uint8Array({ maxLength: 300 }) })
  .map(encodeFrame)
const batches = fc.array(frame, { minLength: 1, maxLength: 5 }).map(frames => new Uint8Array(Buffer.concat(frames)))

test('batches arrive as they were sent, in both directions at once, through many key updates', () => {
  const record = fc.record({ byAlice: fc.boolean(), batch: batches })
  fc.assert(
    fc.property(fc.array(record), fc.integer({ min: 1, max: 5 }), (records, updateAfter) => {
      const sides = { alice: alice({ updateAfter }), bob: bob({ updateAfter: updateAfter + 1 }) }
      for (const { byAlice, batch } of records) {
        const [from, to] = byAlice ? [sides.alice, sides.bob] : [sides.bob, sides.alice]
        expect(toHex(to.open(from.seal(batch)))).toBe(toHex(batch))
      }
    }),
  )
})

test('every record is readable with one-shot calls of node:crypto, and every key update takes effect', () => {
  const from = alice({ updateAfter: 3 })
  let secret: Uint8Array = aliceSecret()
  for (let sequence = 0; sequence < 20; sequence++) {
    const opened = openIndependently(secret, 0, sequence, from.seal(text(`number ${sequence}`)))
    expect(opened?.batch).toEqual(Buffer.from(text(`number ${sequence}`)))
    expect(opened?.keyUpdate).toBe(sequence % 3 === 2)
    if (opened?.keyUpdate) secret = secretAfter(secret)
  }
})

test('every single bit of a record counts', () => {
  const body = alice().seal(text('hello'))
  for (let bit = 0; bit < 8 * body.length; bit++) {
    const altered = body.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
    expect(() => bob().open(altered), `bit ${bit}`).toThrow(badRecord)
  }
  expect(bob().open(body)).toEqual(Buffer.from(text('hello')))
})

test('every truncation and every extension of a record is refused', () => {
  const body = alice().seal(text('hello'))
  for (let length = 0; length < body.length; length++) {
    expect(() => bob().open(body.subarray(0, length)), `${length} bytes`).toThrow(badRecord)
    expect(() => bob().open(body.subarray(body.length - length)), `last ${length} bytes`).toThrow(badRecord)
  }
  for (let extra = 1; extra <= 64; extra++) {
    expect(() => bob().open(Buffer.concat([body, Buffer.alloc(extra)])), `${extra} bytes more`).toThrow(badRecord)
  }
})

test.each<[name: string, order: readonly number[]]>([
  ['replayed at once', [0, 0]],
  ['replayed later', [0, 1, 2, 0]],
  ['swapped', [1]],
  ['dropped', [0, 2]],
  ['replayed across a key update', [0, 1, 2, 3, 1]],
  ['dropped with its key update', [0, 1, 2, 4]],
])('a record that is %s ends the session', (_, order) => {
  const from = alice({ updateAfter: 4 })
  const bodies = Array.from({ length: 6 }, (_, i) => from.seal(text(`number ${i}`)))
  const received = order.map(i => bodies[i] ?? Buffer.alloc(0))
  const to = bob()
  for (const body of received.slice(0, -1)) to.open(body)
  expect(() => to.open(received.at(-1) ?? Buffer.alloc(0))).toThrow(badRecord)
})

test('a record that is sent back is refused, even if both directions had the same secret', () => {
  const side = alice({ receiveSecret: aliceSecret() })
  expect(() => side.open(side.seal(text('hello')))).toThrow(badRecord)
  expect(() => bob({ sendDirection: 0 }).open(alice().seal(text('hello')))).toThrow(badRecord)
})

test('after a refused record nothing works any more, with the same error', () => {
  const keys = { sendSecret: bobSecret(), receiveSecret: aliceSecret() }
  const to = bob(keys)
  const good = alice().seal(text('hello'))
  const errors = [
    () => to.open(Buffer.alloc(128)),
    () => to.open(good),
    () => to.seal(text('hello')),
    () => to.open(good),
  ].map(act => {
    try {
      return act()
    } catch (error) {
      return error
    }
  })
  expect(errors[0]).toEqual(badRecord)
  for (const error of errors) expect(error).toBe(errors[0])
  expect(keys).toEqual({ sendSecret: new Uint8Array(32), receiveSecret: new Uint8Array(32) })
})

test('the sender and the receiver wipe a secret once it is replaced', () => {
  const [sendSecret, receiveSecret] = [aliceSecret(), aliceSecret()]
  const [from, to] = [alice({ sendSecret, updateAfter: 2 }), bob({ receiveSecret })]
  to.open(from.seal(text('first')))
  expect([sendSecret, receiveSecret]).toEqual([aliceSecret(), aliceSecret()])
  to.open(from.seal(text('second')))
  expect([sendSecret, receiveSecret]).toEqual([new Uint8Array(32), new Uint8Array(32)])
  expect(to.open(from.seal(text('third')))).toEqual(Buffer.from(text('third')))
})

test('wiping zeroes the keys of both directions and ends them', () => {
  const keys = { sendSecret: aliceSecret(), receiveSecret: bobSecret() }
  const side = alice(keys)
  side.seal(text('hello'))
  side.wipe()
  side.wipe()
  expect(keys).toEqual({ sendSecret: new Uint8Array(32), receiveSecret: new Uint8Array(32) })
  const closed = expect.objectContaining({ code: 'closed' })
  expect(() => side.seal(text('hello'))).toThrow(closed)
  expect(() => side.open(Buffer.alloc(128))).toThrow(closed)
})

test.each([
  [5, 64],
  [60, 64],
  [61, 128],
  [124, 128],
  [125, 256],
  [508, 512],
  [509, 1_024],
  [1_020, 1_024],
  [1_021, 2_048],
  [2_044, 2_048],
  [2_045, 3_072],
  [64_508, 64_512],
  [64_509, 65_536],
  [65_527, 65_536],
])('a batch of %d bytes travels in a bucket of %d', (bytes, bucket) => {
  const body = alice().seal(batchOf(bytes))
  expect(body).toHaveLength(16 + bucket + 16 + 32)
  expect(bob().open(body)).toHaveLength(bytes)
})

test('the largest batch fits, with a key update too; a larger or an empty one is a programming mistake', () => {
  const side = alice({ updateAfter: 1 })
  expect(side.capacity).toBe(65_527)
  const body = side.seal(batchOf(RECORD_CAPACITY))
  expect(body).toHaveLength(LARGEST_RECORD)
  expect(bob().open(body)).toHaveLength(RECORD_CAPACITY)
  expect(() => side.seal(batchOf(RECORD_CAPACITY + 1))).toThrow(RangeError)
  expect(() => side.seal(new Uint8Array())).toThrow(RangeError)
})

const KEY_UPDATE_FRAME = encodeFrame({ type: KEY_UPDATE.type, body: new Uint8Array() })

/** A record of the initiator, made by hand. */
function crafted(secret: Uint8Array, sequence: bigint, ...frames: readonly Uint8Array[]): Uint8Array {
  const iv = new Uint8Array(16)
  const cipher = createCipheriv('aes-256-cbc', encryptionKeyOf(secret), iv).setAutoPadding(false)
  const sealed = Buffer.concat([iv, ...plaintextParts(...frames).map(part => cipher.update(part))])
  return Buffer.concat([sealed, recordTag(macKeyOf(secret), sequence, 0, sealed)])
}

test.each([
  ['alone', [KEY_UPDATE_FRAME]],
  ['twice', [text('hello'), KEY_UPDATE_FRAME, KEY_UPDATE_FRAME]],
  ['before a text', [text('hello'), KEY_UPDATE_FRAME, text('hello')]],
  ['with a body', [text('hello'), encodeFrame({ type: KEY_UPDATE.type, body: Buffer.alloc(1) })]],
])('a key update %s is refused', (_, frames) => {
  expect(() => bob().open(crafted(aliceSecret(), 0n, ...frames))).toThrow(badRecord)
})

test('a key update may come at any time, and the next record needs the next secret', () => {
  const next = (secret: Uint8Array) => crafted(secret, 1n, text('two'))
  const updated = () => {
    const side = bob()
    expect(toHex(side.open(crafted(aliceSecret(), 0n, text('one'), KEY_UPDATE_FRAME)))).toBe(toHex(text('one')))
    return side
  }
  expect(toHex(updated().open(next(secretAfter(aliceSecret()))))).toBe(toHex(text('two')))
  expect(() => updated().open(next(aliceSecret()))).toThrow(badRecord)
})

test('a receiver does not demand a key update', () => {
  const [from, to] = [alice({ updateAfter: Infinity }), bob()]
  const batch = text('')
  for (let i = 0; i < 65_537; i++) to.open(from.seal(batch))
})

test('a record beyond the largest is refused, though everything in it is right', () => {
  const body = crafted(aliceSecret(), 0n, batchOf(65_533))
  expect(body).toHaveLength(LARGEST_RECORD + 1_024)
  expect(() => bob().open(body)).toThrow(badRecord)
})

test('a refused batch takes no place in the sequence', () => {
  const [from, to] = [alice(), bob()]
  expect(() => from.seal(new Uint8Array())).toThrow(RangeError)
  expect(to.open(from.seal(text('hello')))).toEqual(Buffer.from(text('hello')))
})

test('IVs never repeat, and the same batch never looks the same twice', () => {
  const side = alice({ updateAfter: 1_000 })
  const bodies = Array.from({ length: 10_000 }, () => side.seal(text('hello')))
  expect(new Set(bodies.map(body => toHex(body.subarray(0, 16)))).size).toBe(10_000)
  expect(new Set(bodies.map(body => toHex(body.subarray(16, 32)))).size).toBe(10_000)
})

test('what was opened stays as it is when more records come', () => {
  const [from, to] = [alice(), bob()]
  const opened = ['one', 'two', 'three'].map(word => to.open(from.seal(text(word))))
  expect(opened.map(batch => Buffer.from(batch.subarray(5)).toString())).toEqual(['one', 'two', 'three'])
})

test('sealing leaves the batch as it was', () => {
  const batch = text('hello')
  alice().seal(batch)
  expect(batch).toEqual(text('hello'))
})

test('by default a secret serves 65,536 records', () => {
  const side = alice()
  const bodies = Array.from({ length: 65_536 }, () => side.seal(text('')))
  const updateIn = (i: number) => openIndependently(aliceSecret(), 0, i, bodies[i] ?? Buffer.alloc(0))?.keyUpdate
  expect(updateIn(65_534)).toBe(false)
  expect(updateIn(65_535)).toBe(true)
})

test('a secret serves 256 MiB of batches, whatever the number of records', () => {
  const side = alice({ updateAfter: Infinity })
  const batch = batchOf(RECORD_CAPACITY)
  const last = Math.ceil(2 ** 28 / RECORD_CAPACITY) - 1
  for (let i = 0; i < last - 1; i++) side.seal(batch)
  const updates = [last - 1, last].map(i => openIndependently(aliceSecret(), 0, i, side.seal(batch))?.keyUpdate)
  expect(updates).toEqual([false, true])
  expect(openIndependently(secretAfter(aliceSecret()), 0, last + 1, side.seal(batch))?.keyUpdate).toBe(false)
})

test('impossible options are a programming mistake', () => {
  expect(() => alice({ sendSecret: new Uint8Array(31) })).toThrow(RangeError)
  expect(() => alice({ receiveSecret: new Uint8Array(33) })).toThrow(RangeError)
  expect(() => alice({ updateAfter: 0 })).toThrow(RangeError)
  expect(() => alice({ updateAfter: NaN })).toThrow(RangeError)
})
