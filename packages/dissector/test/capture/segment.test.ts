import { expect, test } from 'vitest'
import type { Packet } from '../../src/capture/capture-item.ts'
import { segmentOf } from '../../src/capture/segment.ts'
import { ALICE, BOB, bytesOf, FRAMES, ipv4, ipv6, joined, type Made, tcp, u16 } from '../support/packets.ts'

function packet(bytes: Uint8Array, linkType = 101, length = bytes.length): Packet {
  return { number: 1, time: null, linkType, bytes, length, comments: [] }
}

const made: Made = {
  sequence: 4_000_000_000,
  acknowledgment: 17,
  ack: true,
  fin: true,
  payload: Buffer.from('hello'),
}

const expected = {
  source: ALICE,
  destination: BOB,
  sequence: 4_000_000_000,
  acknowledgment: 17,
  syn: false,
  ack: true,
  fin: true,
  rst: false,
  missing: 0,
}

const FROM = Buffer.from('fd000000000000000000000000000002', 'hex')
const TO = Buffer.from('20010db8000000010000000000000001', 'hex')

for (const [linkType, frame] of Object.entries(FRAMES)) {
  test(`a segment under link type ${linkType}, and padding of the link layer is none of it`, () => {
    if (linkType !== '229') {
      const found = segmentOf(packet(joined(frame(ipv4(made)), new Uint8Array(3)), Number(linkType)))
      expect(found).toMatchObject(expected)
      expect(found).toMatchObject({ payload: bytesOf(...Buffer.from('hello')) })
    }
    if (linkType !== '228') {
      const found = segmentOf(packet(joined(frame(ipv6(FROM, TO, tcp(made))), new Uint8Array(3)), Number(linkType)))
      expect(found).toMatchObject({
        ...expected,
        source: { host: 'fd00::2', port: 40_000 },
        destination: { host: '2001:db8:0:1::1', port: 10_001 },
        payload: bytesOf(...Buffer.from('hello')),
      })
    }
  })
}

test('loopback headers of the other byte order', () => {
  expect(segmentOf(packet(joined(bytesOf(0, 0, 0, 2), ipv4(made)), 0))).toMatchObject(expected)
  expect(segmentOf(packet(joined(bytesOf(24, 0, 0, 0), ipv6(FROM, TO, tcp(made))), 108))).toMatchObject({ missing: 0 })
})

test('behind VLAN tags', () => {
  const tags = [u16(0x88a8), u16(7), u16(0x8100), u16(8), u16(0x0800)]
  expect(segmentOf(packet(joined(new Uint8Array(12), ...tags, ipv4(made)), 1))).toMatchObject(expected)
  expect(segmentOf(packet(joined(new Uint8Array(14), ...tags, ipv4(made)), 113))).toMatchObject(expected)
})

test('options of IPv4 and TCP, and no length at all', () => {
  const options = bytesOf(1, 1, 1, 0)
  const withOptions = ipv4(made, tcp(made, joined(options, options)), { options })
  expect(segmentOf(packet(withOptions))).toMatchObject({ ...expected, payload: bytesOf(...Buffer.from('hello')) })
  expect(segmentOf(packet(ipv4(made, tcp(made), { total: 0 })))).toMatchObject(expected)
})

test('behind the extension headers of IPv6', () => {
  const extension = (next: number, units: number) => joined(bytesOf(next, units), new Uint8Array(8 * units + 6))
  const chain = joined(
    extension(43, 1),
    extension(60, 0),
    extension(51, 2),
    // An authentication header counts in words of four bytes.
    joined(bytesOf(44, 4), new Uint8Array(22)),
    bytesOf(6, 0, 0, 0, 0, 0, 0, 1),
    tcp(made),
  )
  expect(segmentOf(packet(ipv6(FROM, TO, chain, 0)))).toMatchObject({
    missing: 0,
    payload: bytesOf(...Buffer.from('hello')),
  })
})

test('what the recorder cut off is counted, wherever it cut', () => {
  const whole = ipv4(made)
  for (let kept = 0; kept < whole.length; kept++) {
    const found = segmentOf(packet(whole.subarray(0, kept), 101, whole.length))
    if (kept < 40) expect(found).toMatchObject({ odd: expect.stringMatching(/^cut off in its/) })
    else expect(found).toMatchObject({ missing: whole.length - kept, payload: { length: kept - 40 } })
  }
  const withOptions = ipv4(made, tcp(made, new Uint8Array(12)))
  expect(segmentOf(packet(withOptions.subarray(0, 44), 101, withOptions.length))).toMatchObject({
    missing: 5,
    payload: { length: 0 },
  })
})

test('fragments are named', () => {
  expect(segmentOf(packet(ipv4(made, tcp(made), { fragment: 0x2000 })))).toMatchObject({
    odd: expect.stringMatching(/fragment/),
  })
  expect(segmentOf(packet(ipv4(made, tcp(made), { fragment: 5 })))).toMatchObject({
    odd: expect.stringMatching(/fragment/),
  })
  const fragment = joined(bytesOf(6, 0, 0, 1, 0, 0, 0, 1), tcp(made))
  expect(segmentOf(packet(ipv6(FROM, TO, fragment, 44)))).toMatchObject({ odd: expect.stringMatching(/fragment/) })
})

test('what is no TCP is nothing', () => {
  expect(segmentOf(packet(ipv4(made, tcp(made), { protocol: 17 })))).toBeNull()
  expect(segmentOf(packet(ipv4(made, tcp(made), { protocol: 17, fragment: 5 })))).toBeNull()
  expect(segmentOf(packet(ipv6(FROM, TO, tcp(made), 58)))).toBeNull()
  expect(segmentOf(packet(joined(new Uint8Array(12), u16(0x0806), new Uint8Array(28)), 1))).toBeNull()
  expect(segmentOf(packet(ipv4(made), 127))).toBeNull()
})

test('headers that cannot be are named', () => {
  const badOffset = tcp(made)
  badOffset[12] = 0x40
  const longHeader = tcp(made)
  longHeader[12] = 0xf0
  for (const bytes of [ipv4(made, badOffset), ipv4(made, longHeader), ipv4(made, tcp(made), { total: 10 })]) {
    expect(segmentOf(packet(bytes))).toMatchObject({ odd: expect.any(String) })
  }
  const noHeader = ipv4(made)
  noHeader[0] = 0x43
  expect(segmentOf(packet(noHeader))).toMatchObject({ odd: expect.stringMatching(/no IPv4 header/) })
})
