import { expect, test } from 'vitest'
import { socketChannel } from '../../src/net/socket-channel.ts'
import { sharedRoom } from '../../src/limits/shared-room.ts'
import type { Channel } from '../../src/wire/channel.ts'
import { encodeFrame, type Message } from '../../src/wire/frame.ts'
import { conversationLimits } from '../support/ends.ts'
import { memoryWire, standstill } from '../support/wire.ts'
import { TEXT } from '../../../basic-p2p/src/messages/conversation.ts'

const KIB = 1_024
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })
const text = (bytes: number): Message => ({ type: TEXT.type, body: new Uint8Array(bytes) })

/** Connections to sides that do not read. */
function deafCrowd(count: number, room: ReturnType<typeof sharedRoom>) {
  return Array.from({ length: count }, () => {
    const wire = memoryWire()
    wire.toBob.hold()
    return { wire, channel: socketChannel(wire.alice, conversationLimits, undefined, room) }
  })
}

/** Sends until it has to wait. @returns how many messages were taken without that */
async function sentUntilFull(channel: Channel, message: Message): Promise<number> {
  for (let sent = 0; ; sent++) {
    let waits = true
    channel.send(message).then(
      () => (waits = false),
      () => undefined,
    )
    await new Promise(resolve => setImmediate(resolve))
    if (waits) return sent
  }
}

test.each([
  ['pages', 4 * KIB, 8],
  ['short words, which take more memory than they have bytes', 10, 130],
])('for a side that does not read, few %s wait', async (_, size, most) => {
  const [{ channel } = expect.fail()] = deafCrowd(1, sharedRoom(32 * KIB, 1_024 * KIB))
  const sent = await sentUntilFull(channel, text(size))
  expect(sent).toBeGreaterThan(0)
  expect(sent).toBeLessThanOrEqual(most)
})

test('when too much waits on all connections the fullest is given up, and the others go on', async () => {
  const crowd = deafCrowd(5, sharedRoom(32 * KIB, 100 * KIB))
  for (const [index, { channel }] of crowd.entries()) await sentUntilFull(channel, text(1_000 + index))
  const gone = crowd.filter(({ wire }) => wire.alice.destroyed)
  expect(gone.length).toBeGreaterThan(0)
  expect(gone.length).toBeLessThan(3)
  for (const { channel } of gone) await expect(channel.receive()).rejects.toEqual(hasCode('too-many'))
  const [first = expect.fail()] = crowd.filter(({ wire }) => !wire.alice.destroyed)
  first.wire.toBob.release()
  first.wire.bob.resume()
  await first.channel.send(text(1))
})

test('the one who goes is the one with the most', async () => {
  const room = sharedRoom(32 * KIB, 100 * KIB)
  const given: string[] = []
  const connection = (name: string) => () => void given.push(name)
  const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(connection)
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('three')
  room.note(bob, 50 * KIB)
  room.note(bob, 30 * KIB)
  room.note(alice, 40 * KIB)
  room.note(carol, 30 * KIB)
  expect(given).toEqual([])
  room.note(carol, 31 * KIB)
  expect(given).toEqual(['alice'])
  room.note(alice, 39 * KIB)
  room.note(alice, 0)
  room.note(bob, 69 * KIB)
  expect(given).toEqual(['alice'])
})

test('what was taken counts no more, in either direction', async () => {
  const room = sharedRoom(32 * KIB, 100 * KIB)
  const [{ channel, wire } = expect.fail()] = deafCrowd(1, room)
  wire.toBob.release()
  wire.bob.resume()
  for (let i = 0; i < 100; i++) {
    await channel.send(text(8 * KIB))
    wire.bob.write(encodeFrame(text(8 * KIB)))
    await channel.receive()
  }
  const others = deafCrowd(2, room)
  for (const other of others) await sentUntilFull(other.channel, text(KIB))
  expect(wire.alice.destroyed).toBe(false)
  for (const other of others) expect(other.wire.alice.destroyed).toBe(false)
})

test('what comes and is not asked for counts too', async () => {
  const crowd = deafCrowd(10, sharedRoom(32 * KIB, 100 * KIB))
  for (const { wire } of crowd) for (let i = 0; i < 100; i++) wire.bob.write(encodeFrame(text(KIB)))
  await standstill(() => crowd.filter(({ wire }) => wire.alice.destroyed).length)
  const left = crowd.filter(({ wire }) => !wire.alice.destroyed)
  expect(left.length).toBeGreaterThan(0)
  expect(left.length).toBeLessThan(10)
  for (const { channel } of left) expect(await channel.receive()).toMatchObject({ type: TEXT.type })
})
