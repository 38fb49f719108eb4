import { describe, expect, test } from 'vitest'
import { enhancedPacket, interfaceDescription, LINK_RAW_IP, sectionHeader } from '../../src/capture/pcapng-writer.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
/** What stands in a block, part by part; what is behind a blank in a line is for the reader. */
const parts = (...lines: readonly string[]) => lines.map(line => line.split(' ', 1).join('')).join('')

describe('byte by byte, as draft-ietf-opsawg-pcapng has it', () => {
  test('the section header', () => {
    expect(hex(sectionHeader({ application: 'a-client', comment: 'hello' }))).toBe(
      parts(
        '0a0d0d0a type',
        '38000000 56 bytes',
        '4d3c2b1a the byte-order magic, little-endian',
        '01000000 version 1.0',
        'ffffffffffffffff no stated length',
        '01000500 a comment of 5 bytes',
        '68656c6c6f000000 hello',
        '04000800 an application of 8 bytes',
        '612d636c69656e74 a-client',
        '00000000 end of the options',
        '38000000 56 bytes',
      ),
    )
  })

  test('the interface', () => {
    const block = interfaceDescription({ linkType: LINK_RAW_IP, name: 'if', description: 'x' })
    expect(hex(block)).toBe(
      parts(
        '01000000 type',
        '30000000 48 bytes',
        '65000000 raw IP',
        '00000000 packets of any length',
        '02000200 a name of 2 bytes',
        '69660000 if',
        '03000100 a description of 1 byte',
        '78000000 x',
        '09000100 the resolution of times',
        '09000000 10^-9 seconds',
        '00000000 end of the options',
        '30000000 48 bytes',
      ),
    )
  })

  test('a packet, with and without remarks', () => {
    const packet = { time: 0x0123_4567_89ab_cdefn, bytes: Uint8Array.of(1, 2, 3, 4, 5) }
    const body = parts(
      '00000000 of the first interface',
      '67452301efcdab89 time, the upper half first',
      '05000000 kept',
      '05000000 on the wire',
      '0102030405000000 bytes',
    )
    expect(hex(enhancedPacket(packet))).toBe(`0600000028000000${body}28000000`)
    expect(hex(enhancedPacket({ ...packet, comments: ['two\n', 'é'] }))).toBe(
      parts(
        '06000000 type',
        '3c000000 60 bytes',
        body,
        '01000400 a comment of 4 bytes',
        '74776f0a two',
        '01000200 a comment of 2 bytes',
        'c3a90000 é',
        '00000000 end of the options',
        '3c000000 60 bytes',
      ),
    )
  })
})

test('a text that does not fit is a programming mistake', () => {
  const packet = { time: 0n, bytes: new Uint8Array(1) }
  expect(enhancedPacket({ ...packet, comments: ['x'.repeat(65_535)] })).toHaveLength(65_580)
  expect(() => enhancedPacket({ ...packet, comments: ['x'.repeat(65_536)] })).toThrow(RangeError)
})
