import { execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { hasTool, isRoot } from '../../../core/test/support/tools.ts'
import { withoutSettings } from '../../../core/test/support/tshark.ts'
import { captureDecoder } from '../../src/capture/capture-decoder.ts'
import type { StreamEvent } from '../../src/capture/stream-event.ts'
import { streams } from '../../src/capture/streams.ts'
import { pcapFile } from '../support/capture-file.ts'
import { ALICE, BOB, ipv4, type Made } from '../support/packets.ts'
import { polling } from '../../../core/test/support/patience.ts'

const TOOLS = ['tcpdump', 'tshark', 'editcap', 'mergecap'].every(hasTool) && isRoot()

/** More than any capture here has: a stream that Wireshark is not asked for would be one that only we see. */
const MOST_STREAMS = 10

const folder = mkdtempSync(join(tmpdir(), 'capture-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string) => join(folder, name)

/** Where bytes come back. */
async function openEcho(host: string): Promise<AddressInfo> {
  const server = createServer(socket => socket.pipe(socket)).listen(0, host)
  afterAll(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port')
  return address
}

/** A conversation of some pieces each way. */
async function talk({ address, port }: AddressInfo): Promise<void> {
  const socket = connect(port, address)
  await once(socket, 'connect')
  for (const size of [1, 700, 100_000]) {
    socket.write(randomBytes(size))
    for (let heard = 0; heard < size; ) {
      const [data]: Buffer[] = await once(socket, 'data')
      heard += data?.length ?? 0
    }
  }
  socket.end()
  await once(socket, 'close')
}

/** Records conversations with tcpdump: two at a time over IPv4, then one over IPv6. */
async function record(path: string, ...flags: readonly string[]): Promise<void> {
  const [four, six] = [await openEcho('127.0.0.1'), await openEcho('::1')]
  // Others may use this machine too.
  const filter = `tcp port ${four.port} or tcp port ${six.port}`
  // Each packet takes as much of the buffer as the largest could, and what finds no room in it is lost.
  const room = ['-s', '70000', '-B', '65536']
  const tcpdump = spawn('tcpdump', ['--immediate-mode', '-U', '-Z', 'root', ...room, '-w', path, ...flags, filter], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  for await (const line of createInterface({ input: tcpdump.stderr })) if (line.includes('listening on')) break
  await Promise.all([talk(four), talk(four)])
  await talk(six)
  // What it has not written when it is stopped is lost.
  await vi.waitFor(() => expect(endsIn(path)).toBe(6), polling())
  tcpdump.kill('SIGINT')
  await once(tcpdump, 'exit')
}

/** Directions of which the end has been written. */
function endsIn(path: string): number {
  return eventsIn(path).filter(event => event.kind === 'end').length
}

function eventsIn(path: string): StreamEvent[] {
  const events: StreamEvent[] = []
  const decoder = captureDecoder()
  const put = streams()
  decoder.push(readFileSync(path), item => {
    if (!('bytes' in item)) throw new Error(item.what)
    put.push(item, event => events.push(event))
  })
  return events
}

/** All bytes of each side of each stream, in hex, as we see them. */
function ours(path: string): Map<string, string> {
  const sides = new Map<string, string>()
  for (const event of eventsIn(path)) {
    if (event.kind !== 'bytes') continue
    const key = `${event.connection.number} ${event.from}`
    sides.set(key, (sides.get(key) ?? '') + Buffer.from(event.bytes).toString('hex'))
  }
  return sides
}

/** The same as Wireshark's own engine follows each stream. */
function wiresharks(path: string): Map<string, string> {
  const sides = new Map<string, string>()
  const follow = Array.from({ length: MOST_STREAMS }, (_, number) => ['-z', `follow,tcp,raw,${number}`]).flat()
  const followed = execFileSync('tshark', ['-r', path, '-q', ...follow], {
    env: withoutSettings(),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  for (const part of followed.split(/^=+$/m)) {
    const [, number] = /tcp\.stream eq (\d+)/.exec(part) ?? []
    if (number === undefined) continue
    for (const [, tab, hex = ''] of part.matchAll(/^(\t?)([0-9a-f]+)$/gm)) {
      const key = `${number} ${tab === '' ? 'dialler' : 'listener'}`
      sides.set(key, (sides.get(key) ?? '') + hex)
    }
  }
  return sides
}

function expectAgreement(path: string, streamsAtLeast: number): void {
  const wireshark = wiresharks(path)
  expect(wireshark.size).toBeGreaterThanOrEqual(2 * streamsAtLeast)
  const own = ours(path)
  expect([...own.keys()].toSorted()).toEqual([...wireshark.keys()].toSorted())
  // Not all bytes in a message about one that differs.
  for (const [key, hex] of wireshark) expect(own.get(key) === hex, key).toBe(true)
}

describe.skipIf(!TOOLS)('the same streams and bytes as Wireshark', () => {
  beforeAll(async () => {
    await record(file('lo.pcap'), '-i', 'lo')
    await record(file('any.pcap'), '-i', 'any')
    await record(file('any1.pcap'), '-i', 'any', '-y', 'LINUX_SLL')
  })

  test('tcpdump on loopback', () => expectAgreement(file('lo.pcap'), 3))
  test('tcpdump on all devices, both headers', () => {
    expectAgreement(file('any.pcap'), 3)
    expectAgreement(file('any1.pcap'), 3)
  })

  test.each(['nsecpcap', 'modpcap', 'pcapng'])('as %s', format => {
    execFileSync('editcap', ['-F', format, file('lo.pcap'), file(format)])
    expectAgreement(file(format), 3)
  })

  test('without link-layer headers', () => {
    execFileSync('editcap', ['-C', '14', '-L', '-T', 'rawip', '-F', 'pcap', file('lo.pcap'), file('raw.pcap')])
    expectAgreement(file('raw.pcap'), 3)
  })

  test('two captures as one, of several interfaces', () => {
    execFileSync('mergecap', ['-w', file('merged.pcapng'), file('lo.pcap'), file('any.pcap')])
    expectAgreement(file('merged.pcapng'), 6)
  })

  test('in mid-stream', () => {
    execFileSync('editcap', ['-F', 'pcap', file('lo.pcap'), file('late.pcap'), '1-14'])
    expectAgreement(file('late.pcap'), 3)
  })

  test('the same ports again and again, lost segments, disorder and repetition', () => {
    const syn = (sequence: number): Made => ({ syn: true, sequence })
    const data = (sequence: number, text: string, more: Made = {}): Made => ({
      sequence,
      payload: Buffer.from(text),
      ack: true,
      ...more,
    })
    const back = { source: BOB, destination: ALICE }
    const segments: readonly Made[] = [
      syn(100),
      syn(100),
      { ...back, syn: true, ack: true, sequence: 500, acknowledgment: 101 },
      data(105, 'efgh'),
      data(101, 'abcd'),
      data(101, 'abcdefghij'),
      data(501, 'answer', { ...back, acknowledgment: 111 }),
      // Another number, without an end of what was before.
      syn(4_294_967_290),
      data(4_294_967_291, 'across the end of the numbers'),
      data(50, 'behind a hole'),
      data(7, 'known', { ...back, acknowledgment: 63 }),
      data(63, '', { fin: true }),
      data(12, '', { ...back, fin: true, acknowledgment: 64 }),
      // After an end. (Under the number of before only newer versions than 4.0 take this for another connection.)
      syn(4_294_967_291),
      data(4_294_967_292, 'once more'),
      data(4_294_967_301, '', { rst: true }),
      syn(9),
      data(10, 'last'),
    ]
    writeFileSync(
      file('made.pcap'),
      pcapFile(
        segments.map(made => ({ bytes: ipv4(made) })),
        { linkType: 101 },
      ),
    )
    const wireshark = wiresharks(file('made.pcap'))
    // It says in the bytes what it misses.
    const [missing] = [...wireshark].filter(([, hex]) => Buffer.from(hex, 'hex').includes('missing'))
    expect(missing?.[0]).toBe('1 dialler')
    wireshark.delete('1 dialler')
    const own = ours(file('made.pcap'))
    own.delete('1 dialler')
    expect(own).toEqual(wireshark)
    expect([...own.keys()]).toEqual(['0 dialler', '0 listener', '1 listener', '2 dialler', '3 dialler'])
  })
})
