import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ipBytes } from '../../src/capture/tcp-segment.ts'

const hex = (host: string) => Buffer.from(ipBytes(host)).toString('hex')

test.each([
  ['127.0.0.1', '7f000001'],
  ['::', '0'.repeat(32)],
  ['::1', `${'0'.repeat(31)}1`],
  ['2001:db8::', `20010db8${'0'.repeat(24)}`],
  ['2001:DB8::8:800:200c:417a', '20010db80000000000080800200c417a'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
  ['fe80::1%eth0', `fe80${'0'.repeat(27)}1`],
])('%s', (host, bytes) => {
  expect(hex(host)).toBe(bytes)
})

test('every spelling of an IPv6 address is the same address', () => {
  const bytes = fc.uint8Array({ minLength: 16, maxLength: 16 })
  fc.assert(
    fc.property(bytes, fc.nat(8), fc.nat(8), (random, a, b) => {
      const [start, end] = [Math.min(a, b), Math.max(a, b)]
      const address = Buffer.from(random).fill(0, 2 * start, 2 * end)
      const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16))
      const dotted = [...groups.slice(0, 6), [...address.subarray(12)].join('.')]
      const short = (parts: readonly string[]) =>
        end > start && end <= 6 ? `${parts.slice(0, start).join(':')}::${parts.slice(end).join(':')}` : parts.join(':')
      for (const spelling of [groups.join(':'), dotted.join(':'), short(groups), short(dotted)]) {
        expect(hex(spelling)).toBe(address.toString('hex'))
      }
    }),
  )
})

test.each(['', 'localhost', '1.2.3', '1.2.3.256', '1:2', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', '::12345', 'g::'])(
  '%j is none',
  host => {
    expect(() => ipBytes(host)).toThrow(RangeError)
  },
)
