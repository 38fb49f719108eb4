import { once } from 'node:events'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, statSync } from 'node:fs'
import { appendFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { dial } from '../../src/net/dial.ts'
import { listen } from '../../src/net/listen.ts'
import { openRecording, type Recording } from '../../src/net/recording.ts'
import { socketChannel } from '../../src/net/socket-channel.ts'
import type { Message } from '../../src/wire/frame.ts'
import { hasTool } from '../support/tools.ts'
import { capinfos, saidBy, seeCapture } from '../support/tshark.ts'

const TYPE = 0x53
const limits = new Map([[TYPE, 100_000]])
const message = (text: string): Message => ({ type: TYPE, body: Buffer.from(text) })
const withoutTshark = !hasTool('tshark')

let file: string
let recording: Recording
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'recording-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'a.pcapng')
  recording = await openRecording(file, 'a-test')
})

/** Two ends of a connection; alice has dialled and is the one that records. */
async function connection(host = '127.0.0.1'): Promise<{ alice: Socket; bob: Socket }> {
  let take: (socket: Socket) => void = () => undefined
  const taken = new Promise<Socket>(resolve => (take = resolve))
  const listener = await listen({ host, port: 0 }, 1, socket => take(socket))
  const alice = await dial(listener)
  onTestFinished(() => {
    alice.destroy()
    listener.stop()
    listener.destroyAll()
  })
  return { alice, bob: await taken }
}

describe.skipIf(withoutTshark)('in the eyes of Wireshark', () => {
  test.each(['127.0.0.1', '::1'])('a connection over %s, from its beginning to its end', async host => {
    const { alice, bob } = await connection(host)
    const ports = { alice: alice.localPort, bob: alice.remotePort }
    const ours = socketChannel(alice, limits, recording.tap(alice, true))
    const theirs = socketChannel(bob, limits)
    const long = 'x'.repeat(99_999)
    await ours.send(message('hello'))
    await theirs.receive()
    await theirs.send(message(long))
    await ours.receive()
    await ours.close()
    await theirs.receive()
    await Promise.all([theirs.close(), once(alice, 'close')])
    await recording.close()

    const { packets, complaints } = seeCapture(file)
    expect(complaints).toEqual([])
    expect(packets[0]).toMatchObject({
      source: host,
      destination: host,
      sourcePort: ports.alice,
      destinationPort: ports.bob,
      syn: true,
    })
    expect(saidBy(packets, 0, 'dialler').subarray(5).toString()).toBe('hello')
    expect(saidBy(packets, 0, 'listener').subarray(5).toString()).toBe(long)
    expect(packets.filter(({ fin }) => fin).map(({ sourcePort }) => sourcePort)).toEqual([ports.alice, ports.bob])
    expect(packets.some(({ reset }) => reset)).toBe(false)
  })

  test('two connections at once, one of them accepted and then reset', async () => {
    const [one, other] = await Promise.all([connection(), connection()])
    const first = socketChannel(one.alice, limits, recording.tap(one.alice, true))
    const second = socketChannel(other.bob, limits, recording.tap(other.bob, false))
    await Promise.all([first.send(message('first')), second.send(message('second'))])
    await once(other.alice, 'readable')
    const sourcePort = other.alice.localPort
    other.alice.resetAndDestroy()
    await second.receive().catch(() => undefined)
    await once(other.bob, 'close')
    await recording.close()

    const { packets, complaints } = seeCapture(file)
    expect(saidBy(packets, 0, 'dialler').toString()).toContain('first')
    expect(saidBy(packets, 1, 'listener').toString()).toContain('second')
    expect(packets.findLast(({ stream }) => stream === 1)).toMatchObject({ reset: true, sourcePort })
    // That a connection is reset is a warning to Wireshark, and it is right.
    expect(complaints).toEqual([expect.stringContaining('RST')])
  })

  test('the file says of itself what it is', async () => {
    const { alice } = await connection()
    recording.tap(alice, true)
    await recording.close()
    const said = capinfos(file)
    expect(said).toContain('Capture application: a-test')
    expect(said).toContain('All else is synthesised')
    expect(said).toContain('No keys are in here')
    expect(said).toContain('Description = sockets of a-test: headers are synthesised')
    expect(said).toContain('nanoseconds (9)')
  })

  test('what the program leaves open, the system ends, and what still comes goes nowhere', async () => {
    const { alice } = await connection()
    const tap = recording.tap(alice, true)
    await recording.close()
    // The system gives the number of a closed file to the next one.
    const next = openSync(`${file}.next`, 'w')
    onTestFinished(() => closeSync(next))
    tap.received(Buffer.from('late'))
    // Long enough for a write that should not be, and for another one behind it.
    await new Promise(setImmediate)
    for (const word of ['one ', 'two ']) await appendFile(`${file}.next`, word)
    expect(readFileSync(`${file}.next`, 'utf8')).toBe('one two ')
    expect(seeCapture(file).packets.filter(({ fin }) => fin)).toHaveLength(1)
  })
})

test('a file that cannot be ended or removed is told, and ends nothing else', async () => {
  rmSync(file)
  mkdirSync(file)
  const told: string[] = []
  recording.onFailure(({ code }) => told.push(code))
  await recording.close()
  expect(told).toEqual(['unwritable'])
})

test('a connection that is over already leaves nothing behind', async () => {
  const { alice } = await connection()
  alice.destroy()
  const tap = recording.tap(alice, true)
  tap.sent(Buffer.from('x'))
  tap.received(Buffer.from('x'))
  await recording.close()
  expect(existsSync(file), 'nothing was recorded').toBe(false)
})

test('what crossed is in the file a turn later, whole blocks, for its owner alone', async () => {
  const { alice } = await connection()
  const tap = recording.tap(alice, true)
  tap.sent(Buffer.from('at once'))
  while (!readFileSync(file).includes('at once')) await new Promise(setImmediate)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  await recording.close()
})
