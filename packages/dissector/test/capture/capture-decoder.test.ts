import { ChatError } from '@p2p-secure-chat/core/errors'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { captureDecoder } from '../../src/capture/capture-decoder.ts'
import type { CaptureItem, Packet } from '../../src/capture/capture-item.ts'
import { pcapFile, pcapngBlocks, pcapngFile, type Recorded } from '../support/capture-file.ts'
import { bytesInUse } from '../support/heap.ts'
import { joined } from '../support/packets.ts'

/** Everything in a file that comes in chunks of some size. */
function itemsOf(file: Uint8Array, chunk = file.length): CaptureItem[] {
  const items: CaptureItem[] = []
  const decoder = captureDecoder()
  for (let at = 0; at < file.length; at += chunk) decoder.push(file.subarray(at, at + chunk), item => items.push(item))
  decoder.end(item => items.push(item))
  return items
}

const isPacket = (item: CaptureItem): item is Packet => 'bytes' in item
const packetsOf = (items: readonly CaptureItem[]) => items.filter(isPacket)
const oddities = (items: readonly CaptureItem[]) => items.filter(item => !isPacket(item))

const packets: readonly Recorded[] = [
  { bytes: Buffer.from('first'), time: 1_700_000_000_123_456_789n },
  { bytes: Buffer.from('second one'), time: 1_700_000_001_000_000_001n, length: 1_000 },
  { bytes: new Uint8Array(0), time: 1_700_000_001_000_000_002n },
  { bytes: Buffer.from('4444'), time: 1_700_000_001_000_000_003n },
]

const micro = (time: bigint) => (time / 1_000n) * 1_000n

const FILES: readonly [string, Uint8Array, (time: bigint) => bigint][] = [
  ['pcap, microseconds, little-endian', pcapFile(packets), micro],
  ['pcap, microseconds, big-endian', pcapFile(packets, { order: 'big' }), micro],
  ['pcap, nanoseconds, little-endian', pcapFile(packets, { kind: 'nano' }), time => time],
  ['pcap, nanoseconds, big-endian', pcapFile(packets, { kind: 'nano', order: 'big' }), time => time],
  ['pcap of old Linux', pcapFile(packets, { kind: 'modified' }), micro],
  ['pcapng, little-endian', pcapngFile(packets), time => time],
  ['pcapng, big-endian', pcapngFile(packets, { order: 'big' }), time => time],
]

for (const [name, file, clock] of FILES) {
  test(`${name}: numbers, times, lengths and bytes of its packets, whatever the chunks`, () => {
    for (const chunk of [file.length, 1, 7]) {
      const found = packetsOf(itemsOf(file, chunk))
      expect(found).toHaveLength(packets.length)
      for (const [i, packet] of found.entries()) {
        const { bytes, time = 0n, length } = packets[i] ?? { bytes: new Uint8Array(0) }
        expect(packet).toMatchObject({ number: i + 1, time: clock(time), linkType: 1, length: length ?? bytes.length })
        expect(Buffer.from(packet.bytes)).toEqual(Buffer.from(bytes))
      }
      expect(oddities(itemsOf(file, chunk))).toEqual([])
    }
  })

  test(`${name}: cut off anywhere, it gives what is whole and says that it is cut off`, () => {
    const all = packetsOf(itemsOf(file))
    let silent = 0
    for (let size = 0; size < file.length; size++) {
      try {
        const items = itemsOf(file.subarray(0, size))
        const found = packetsOf(items)
        expect(found).toEqual(all.slice(0, found.length))
        expect(found.length).toBeLessThan(all.length)
        const rest = oddities(items)
        if (rest.length === 0) silent += 1
        expect(rest.length).toBeLessThanOrEqual(1)
        for (const item of rest)
          expect(item).toEqual({ packet: found.length + 1, what: 'the file is cut off here', cutOff: true })
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-capture' })
        expect(size).toBeLessThan(24)
      }
    }
    // Where one packet ends nothing is missing: behind the header, which pcapng has two of, and behind all but the last.
    expect(silent).toBe(name.startsWith('pcapng') ? packets.length + 1 : packets.length)
  })

  test(`${name}: with any bytes altered it never fails in another way than as no capture`, () => {
    const mutation = fc.record({ at: fc.nat(file.length - 1), to: fc.nat(255) })
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 64 }),
        (list, chunk) => {
          const altered = Uint8Array.from(file)
          for (const { at, to } of list) altered[at] = to
          try {
            const found = packetsOf(itemsOf(altered, chunk))
            expect(found.map(({ number }) => number)).toEqual(
              found.map(({ number }) => number).toSorted((a, b) => a - b),
            )
          } catch (error) {
            expect(error).toBeInstanceOf(ChatError)
            expect(error).toMatchObject({ code: 'bad-capture' })
          }
        },
      ),
      { numRuns: 500 },
    )
  })
}

test('pcapng: sections in both byte orders, interfaces with clocks of their own, all kinds of packets', () => {
  const little = pcapngBlocks('little')
  const big = pcapngBlocks('big')
  const bytes = Buffer.from('abcde')
  const file = joined(
    little.section(),
    little.interface(1, { resolution: 6 }),
    little.interface(113, { resolution: 0x80 | 10, offset: 1_000n }),
    little.packet({ bytes, time: 5_000_000n, comments: ['one', 'ü'] }, 1_000n),
    // Blocks that say nothing about packets: names, statistics, secrets, custom ones.
    ...[4, 5, 10, 0xbad, 0x4000_0bad].map(type => little.block(type, new Uint8Array(16))),
    little.packet({ bytes, time: 512n, from: 1 }),
    little.oldPacket({ bytes, time: 1_024n, from: 1, comments: ['three'] }),
    little.simplePacket({ bytes, length: 900 }),
    big.section(),
    big.interface(101, { resolution: 12 }),
    big.packet({ bytes, time: 7_000n }),
  )
  const found = packetsOf(itemsOf(file))
  expect(oddities(itemsOf(file))).toEqual([])
  expect(found.map(({ number, time, linkType, comments }) => ({ number, time, linkType, comments }))).toEqual([
    { number: 1, time: 5_000_000n, linkType: 1, comments: ['one', 'ü'] },
    { number: 2, time: 1_000_500_000_000n, linkType: 113, comments: [] },
    { number: 3, time: 1_001_000_000_000n, linkType: 113, comments: ['three'] },
    { number: 4, time: null, linkType: 1, comments: [] },
    { number: 5, time: 7n, linkType: 101, comments: [] },
  ])
  for (const packet of found.filter(({ number }) => number !== 4)) {
    expect(Buffer.from(packet.bytes)).toEqual(bytes)
  }
  // A simple block pads what it kept, and does not say how much that was.
  expect(found[3]).toMatchObject({ length: 900, bytes: new Uint8Array([...bytes, 0, 0, 0]) })
})

test('a simple packet block keeps no more than its interface allows', () => {
  const write = pcapngBlocks()
  const file = joined(
    write.section(),
    write.interface(1, { snapLength: 3 }),
    write.simplePacket({ bytes: Buffer.from('abc'), length: 9 }),
  )
  const [packet] = packetsOf(itemsOf(file))
  expect(packet).toMatchObject({ length: 9, bytes: new Uint8Array(Buffer.from('abc')) })
})

test('a packet of an interface that is nowhere is named, and the next one is read', () => {
  const write = pcapngBlocks()
  const file = joined(
    write.section(),
    write.interface(1),
    write.packet({ bytes: Buffer.from('x'), from: 5 }),
    write.packet({ bytes: Buffer.from('y') }),
  )
  expect(itemsOf(file)).toMatchObject([
    { packet: 1, what: expect.stringContaining('interface 5') },
    { number: 2, bytes: new Uint8Array(Buffer.from('y')) },
  ])
})

test('lengths that cannot be are named, and what came before is there', () => {
  const write = pcapngBlocks()
  const head = joined(write.section(), write.interface(1), write.packet({ bytes: Buffer.from('x') }))
  const word = (value: number) => Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
  const rests = [
    joined(word(6), word(13), word(0)),
    joined(word(6), word(4), word(0)),
    joined(word(6), word(0x7fff_fffc), word(0), new Uint8Array(100)),
    joined(write.packet({ bytes: Buffer.from('y') }).subarray(0, -4), word(1_000)),
    joined(word(0x0a0d0d0a), word(28), new Uint8Array(20)),
  ]
  for (const rest of rests) {
    expect(itemsOf(joined(head, rest, new Uint8Array(1_000)))).toMatchObject([
      { number: 1 },
      { packet: 2, what: expect.stringContaining('the rest of the file was not read') },
    ])
  }
  const pcap = joined(pcapFile([{ bytes: Buffer.from('x') }]), word(0), word(0), word(0x4000_0000), word(60))
  expect(itemsOf(joined(pcap, new Uint8Array(1_000)))).toMatchObject([
    { number: 1 },
    { packet: 2, what: expect.stringContaining('1073741824 bytes') },
  ])
})

test('a block of any size that says nothing about packets is not kept', () => {
  const write = pcapngBlocks()
  const decoder = captureDecoder()
  const items: CaptureItem[] = []
  const deliver = (item: CaptureItem) => void items.push(item)
  decoder.push(joined(write.section(), write.interface(1)), deliver)
  const size = 64 * 1_048_576
  decoder.push(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, size >>> 24, 0, 0, 0, 0), deliver)
  const before = bytesInUse()
  for (let sent = 12; sent < size; sent += 65_536) {
    decoder.push(new Uint8Array(Math.min(65_536, size - sent)), deliver)
  }
  expect(bytesInUse() - before).toBeLessThan(1_048_576)
  decoder.push(write.packet({ bytes: Buffer.from('x') }), deliver)
  expect(items).toMatchObject([{ number: 1 }])
})

test.each([
  ['nothing at all', '', /empty/],
  ['two bytes', 'ab', /too short/],
  ['a text', 'hello, this is no capture', /does not begin like/],
  ['empty lines', '\n\r\r\n and some text behind them', /does not begin like/],
  ['a gzip file', '\x1f\x8b\x08 and so on', /compressed with gzip/],
])('%s is no capture', (_, text, message) => {
  try {
    itemsOf(Buffer.from(text, 'latin1'))
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'bad-capture', message: expect.stringMatching(message) })
    if (text.startsWith('\x1f')) expect(error).toMatchObject({ hint: expect.stringContaining('gunzip -c') })
  }
})

test('what is no capture stays none', () => {
  const decoder = captureDecoder()
  for (let i = 0; i < 2; i++) expect(() => decoder.push(Buffer.from('no capture'), () => {})).toThrow(/pcap/)
})
