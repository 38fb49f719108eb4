import { expect, onTestFinished, test, vi } from 'vitest'
import { type Carrier, Outbox } from '../../src/chat/outbox.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { RECEIPT } from '../../src/messages/conversation.ts'

/** The connection to a peer that reads nothing: nobody who sends there ever has room for more. */
function stuck() {
  const late = vi.fn()
  const send = () => new Promise<never>(() => {})
  const carrier: Carrier = { carries: true, send, abort: () => {}, giveUp: () => {}, timeOut: late }
  return { carrier, late }
}

function outboxTo(carrier: Carrier) {
  const delivered: string[] = []
  const outbox = new Outbox('0'.repeat(32), '1'.repeat(32), {
    text: () => Promise.resolve(),
    delivered: id => delivered.push(id),
  })
  outbox.connect(carrier)
  onTestFinished(() => outbox.end())
  return { outbox, delivered }
}

test('a receipt for a text that this connection has not carried yet is refused', async () => {
  const { outbox, delivered } = outboxTo(stuck().carrier)
  for (const text of ['one', 'two', 'three']) outbox.say(text)
  expect(() => outbox.take(RECEIPT.message({ id: 2n }))).toThrow(expect.objectContaining({ code: 'bad-message' }))
  expect(outbox.unacknowledged).toBe(3)
  void outbox.take(RECEIPT.message({ id: 1n }))
  expect(delivered).toEqual(['0000000000000000-1'])
})

test('a peer that acknowledges nothing stalls it after two minutes, in which this process runs', async () => {
  const pass = fakeClock()
  const { carrier, late } = stuck()
  const { outbox } = outboxTo(carrier)
  for (let room = true; room; ) {
    outbox.say('x'.repeat(16_384))
    room = await Promise.race([outbox.room().then(() => true), Promise.resolve().then(() => false)])
  }
  // A process that was suspended finds each timer over when it goes on.
  vi.runOnlyPendingTimers()
  await pass(118_999)
  expect(late).not.toHaveBeenCalled()
  await pass(1)
  expect(late).toHaveBeenCalledTimes(1)
})
