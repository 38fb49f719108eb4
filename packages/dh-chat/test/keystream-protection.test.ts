import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keystreamProtection, KEYSTREAM_CAPACITY } from '../src/keystream-protection.ts'

const aliceKey = () => new Uint8Array(32).fill(1)
const bobKey = () => new Uint8Array(32).fill(2)
const alice = (limit?: number) => keystreamProtection({ send: aliceKey(), receive: bobKey() }, limit)
const bob = (limit?: number) => keystreamProtection({ send: bobKey(), receive: aliceKey() }, limit)

const code = (name: string) => expect.objectContaining({ code: name })

test('records arrive as they were sent, in both directions at once', () => {
  const record = fc.record({ byAlice: fc.boolean(), batch: fc.uint8Array({ minLength: 1, maxLength: 500 }) })
  fc.assert(
    fc.property(fc.array(record), records => {
      const sides = { alice: alice(), bob: bob() }
      for (const { byAlice, batch } of records) {
        const [from, to] = byAlice ? [sides.alice, sides.bob] : [sides.bob, sides.alice]
        const body = from.seal(batch)
        expect(body).toHaveLength(batch.length)
        expect(to.open(body)).toEqual(batch)
      }
    }),
  )
})

test('the same batch never looks the same twice', () => {
  const side = alice()
  const bodies = Array.from({ length: 100 }, () => Buffer.from(side.seal(new Uint8Array(64))).toString('hex'))
  expect(new Set(bodies).size).toBe(100)
  expect(bodies[0]).not.toBe(Buffer.from(bob().seal(new Uint8Array(64))).toString('hex'))
})

test('a flipped bit arrives as a flipped bit: nothing protects it', () => {
  const batch = Buffer.from('pay 10')
  const body = alice().seal(batch)
  body.set([(body[4] ?? 0) ^ 0x08], 4)
  expect(Buffer.from(bob().open(body)).toString()).toBe('pay 90')
})

test('a record that is dropped turns the rest into noise, and nothing notices', () => {
  const [from, to] = [alice(), bob()]
  from.seal(Buffer.from('lost'))
  expect(Buffer.from(to.open(from.seal(Buffer.from('kept')))).toString()).not.toBe('kept')
})

test('the largest batch fits; a larger or an empty one is a programming mistake', () => {
  const side = alice()
  expect(side.capacity).toBe(65_536)
  expect(bob().open(side.seal(new Uint8Array(KEYSTREAM_CAPACITY)))).toEqual(new Uint8Array(KEYSTREAM_CAPACITY))
  expect(() => side.seal(new Uint8Array(KEYSTREAM_CAPACITY + 1))).toThrow(RangeError)
  expect(() => side.seal(new Uint8Array())).toThrow(RangeError)
})

test('a body that no record has is a bad record', () => {
  expect(() => bob().open(new Uint8Array())).toThrow(code('bad-record'))
  expect(() => bob().open(new Uint8Array(KEYSTREAM_CAPACITY + 1))).toThrow(code('bad-record'))
})

test('each direction ends at the limit, with its last byte used', () => {
  const [from, to] = [alice(100), bob(100)]
  to.open(from.seal(new Uint8Array(60)))
  expect(() => from.seal(new Uint8Array(41))).toThrow(code('session-limit'))
  expect(() => to.open(new Uint8Array(41))).toThrow(code('session-limit'))
  expect(to.open(from.seal(new Uint8Array(40)))).toEqual(new Uint8Array(40))
  expect(() => from.seal(new Uint8Array(1))).toThrow(code('session-limit'))
  expect(from.open(to.seal(new Uint8Array(100)))).toEqual(new Uint8Array(100))
})

test('wiping zeroes both keys and ends both directions', () => {
  const keys = { send: aliceKey(), receive: bobKey() }
  const side = keystreamProtection(keys)
  side.seal(new Uint8Array(1))
  side.wipe()
  side.wipe()
  expect(keys).toEqual({ send: new Uint8Array(32), receive: new Uint8Array(32) })
  expect(() => side.seal(new Uint8Array(1))).toThrow(code('closed'))
  expect(() => side.open(new Uint8Array(1))).toThrow(code('closed'))
})
