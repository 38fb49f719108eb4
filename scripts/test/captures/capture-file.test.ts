import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { flawOf } from '../../captures/capture-file.ts'

const capture = readFileSync(new URL('../../../captures/Task1.pcap', import.meta.url))

/** Bytes of the header of a pcap file, and before each packet in it. */
const [FILE_HEADER, PACKET_HEADER] = [24, 16]

/** The packets of the file, each with its header. */
function packetsOf(file: Buffer): Buffer[] {
  const packets: Buffer[] = []
  for (let at = FILE_HEADER; at < file.length; ) {
    const end = at + PACKET_HEADER + file.readUInt32LE(at + 8)
    packets.push(Buffer.from(file.subarray(at, end)))
    at = end
  }
  return packets
}

const fileOf = (packets: readonly Buffer[]) => Buffer.concat([capture.subarray(0, FILE_HEADER), ...packets])

/** The first packets of a file are a handshake; the fourth is the first with data. */
const [first, second, third, data, ...others] = packetsOf(capture)
if (first === undefined || second === undefined || third === undefined || data === undefined)
  throw new Error('too short')

test('a shipped capture has no flaw', () => {
  expect(flawOf(capture, 0)).toBeNull()
  expect(flawOf(fileOf([first, second, third, data, ...others]), 0)).toBeNull()
})

test('data that is there twice, or missing, is one', () => {
  expect(flawOf(fileOf([first, second, third, data, data, ...others]), 0)).toBe('packet 5 is out of turn')
  expect(flawOf(fileOf([first, second, third, ...others]), 0)).toMatch(/ is out of turn$/)
})

test('an acknowledgment that comes twice is none', () => {
  expect(flawOf(fileOf([first, second, third, third, data, ...others]), 0)).toBeNull()
})

test('a checksum of which Wireshark would complain is one', () => {
  const odd = Buffer.from(data)
  odd.writeUInt16BE(0xffff, PACKET_HEADER + 14 + 20 + 16)
  expect(flawOf(fileOf([first, second, third, odd, ...others]), 0)).toBe('packet 4 has the checksum 0xffff')
})

test('a connection that is reset is one, unless it is meant', () => {
  const reset = Buffer.from(third)
  reset.writeUInt8(0x14, PACKET_HEADER + 14 + 20 + 13)
  const file = fileOf([first, second, third, data, ...others, reset])
  expect(flawOf(file, 0)).toMatch(/^packet \d+ resets a connection$/)
  expect(flawOf(file, 1)).toBeNull()
})

test('what is no TCP does not belong into a capture', () => {
  const odd = Buffer.from(data)
  odd.writeUInt16BE(0x0806, PACKET_HEADER + 12)
  expect(flawOf(fileOf([first, second, third, odd, ...others]), 0)).toBe('something else than TCP')
})
