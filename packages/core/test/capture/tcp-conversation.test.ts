import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Side, tcpConversation } from '../../src/capture/tcp-conversation.ts'

// What follows reads packets by the RFCs and shares no code with what makes them.

interface Read {
  readonly source: string
  readonly sequence: number
  readonly acknowledgment: number
  readonly flags: number
  readonly payload: Buffer
}

const [FIN, SYN, RST, ACK] = [1, 2, 4, 16]

/** The sum that is 0xffff over anything that carries its checksum. */
function sum(bytes: Buffer): number {
  let total = 0
  for (const [i, byte] of bytes.entries()) total += i % 2 === 0 ? byte * 256 : byte
  while (total > 0xffff) total = (total % 65_536) + Math.floor(total / 65_536)
  return total
}

function read(packet: Buffer): Read {
  const v4 = packet.readUInt8(0) >> 4 === 4
  if (v4) {
    expect(sum(packet.subarray(0, 20))).toBe(0xffff)
    expect(packet.readUInt16BE(2)).toBe(packet.length)
    expect(packet.readUInt8(9)).toBe(6)
  } else {
    expect(packet.readUInt32BE(0)).toBe(0x6000_0000)
    expect(packet.readUInt16BE(4)).toBe(packet.length - 40)
    expect(packet.readUInt8(6)).toBe(6)
  }
  const [addresses, tcp] = v4
    ? [packet.subarray(12, 20), packet.subarray(20)]
    : [packet.subarray(8, 40), packet.subarray(40)]
  const length = Buffer.alloc(4)
  length.writeUInt32BE(tcp.length)
  expect(sum(Buffer.concat([addresses, length, Buffer.from([0, 0, 0, 6]), tcp]))).toBe(0xffff)
  const payload = tcp.subarray((tcp.readUInt8(12) >> 4) * 4)
  expect(packet.length).toBeLessThanOrEqual(1_500)
  return {
    source: `${addresses.subarray(0, addresses.length / 2).toString('hex')}:${tcp.readUInt16BE(0)}`,
    sequence: tcp.readUInt32BE(4),
    acknowledgment: tcp.readUInt32BE(8),
    flags: tcp.readUInt8(13),
    payload,
  }
}

type Step = { readonly side: Side; readonly deed: 'say' | 'end' | 'reset'; readonly bytes: Uint8Array }

const side = fc.constantFrom<Side>('dialler', 'listener')
const number = fc.oneof(fc.nat(2 ** 31 - 1), fc.integer({ min: 2 ** 32 - 5_000, max: 2 ** 32 - 1 }))
const bytes = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ maxLength: 50 }) },
  { weight: 2, arbitrary: fc.integer({ min: 1_400, max: 1_500 }).map(size => new Uint8Array(size).fill(size)) },
  { weight: 1, arbitrary: fc.integer({ min: 3_000, max: 150_000 }).map(size => new Uint8Array(size).fill(size)) },
)
const step: fc.Arbitrary<Step> = fc.record({
  side,
  deed: fc.oneof(
    { weight: 10, arbitrary: fc.constant('say' as const) },
    { weight: 1, arbitrary: fc.constantFrom('end' as const, 'reset' as const) },
  ),
  bytes,
})

/** What each side is to have said in the end. */
function meaning(steps: readonly Step[]) {
  const said: Record<Side, Uint8Array[]> = { dialler: [], listener: [] }
  const ended = new Set<Side>()
  for (const { side: who, deed, bytes: words } of steps) {
    if (deed === 'reset') return { said, ended, resetBy: who }
    if (deed === 'end') ended.add(who)
    else if (!ended.has(who)) said[who].push(words)
  }
  return { said, ended, resetBy: null }
}

test('whatever the sockets did, the packets carry it, and every number fits', () => {
  const hosts = fc.constantFrom(['10.0.0.2', '10.0.0.3'] as const, ['fd00::2', 'fd00::3'] as const)
  fc.assert(
    fc.property(hosts, number, number, fc.array(step, { maxLength: 12 }), ([here, there], a, b, steps) => {
      const packets: Read[] = []
      const conversation = tcpConversation({
        ends: { dialler: { host: here, port: 40_000 }, listener: { host: there, port: 10_000 } },
        first: { dialler: a, listener: b },
        deliver: packet => void packets.push(read(Buffer.from(packet))),
      })
      for (const { side: who, deed, bytes: words } of steps) {
        if (deed === 'say') conversation.say(who, words)
        else conversation[deed](who)
      }

      expect(packets.slice(0, 3).map(({ flags }) => flags)).toEqual([SYN, SYN | ACK, ACK])
      const [{ source: dialler } = { source: '' }] = packets
      const next: Record<Side, number> = { dialler: a, listener: b }
      const acknowledged: Record<Side, number> = { ...next }
      const heard: Record<Side, Buffer[]> = { dialler: [], listener: [] }
      const ended = new Set<Side>()
      let resetBy: Side | null = null
      for (const { source, sequence, acknowledgment, flags, payload } of packets) {
        expect(resetBy, 'nothing follows a reset').toBe(null)
        const [from, to]: [Side, Side] = source === dialler ? ['dialler', 'listener'] : ['listener', 'dialler']
        expect(sequence).toBe(next[from])
        if ((flags & ACK) !== 0) {
          expect(acknowledgment).toBe(next[to])
          acknowledged[to] = acknowledgment
        }
        if (ended.has(from)) expect(payload).toHaveLength(0)
        heard[from].push(payload)
        const numbers = payload.length + ((flags & (SYN | FIN)) === 0 ? 0 : 1)
        next[from] = (next[from] + numbers) % 2 ** 32
        expect((next[from] - acknowledged[from] + 2 ** 32) % 2 ** 32).toBeLessThan(65_535)
        if ((flags & FIN) !== 0) ended.add(from)
        if ((flags & RST) !== 0) resetBy = from
      }
      const expected = meaning(steps)
      for (const who of ['dialler', 'listener'] as const) {
        expect(Buffer.concat(heard[who]).equals(Buffer.concat(expected.said[who]))).toBe(true)
      }
      expect({ ended, resetBy }).toEqual({ ended: expected.ended, resetBy: expected.resetBy })
    }),
    { numRuns: 200 },
  )
})

test('two ends that cannot talk to each other are a programming mistake', () => {
  const ends = { dialler: { host: '10.0.0.2', port: 1 }, listener: { host: '::1', port: 2 } }
  const make = () => tcpConversation({ ends, first: { dialler: 0, listener: 0 }, deliver: () => undefined })
  expect(make).toThrow(RangeError)
})
