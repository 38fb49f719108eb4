import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expect, onTestFinished, test, vi } from 'vitest'
import { delivery } from '../src/chat/delivery.ts'
import { textExchange } from '../src/chat/text-exchange.ts'
import { fakeClock } from './support/fake-clock.ts'
import { RECEIPT } from '../src/messages/conversation.ts'

/** The channel to a peer that reads nothing: nobody who sends there ever has room for more. */
const stuck: Channel = {
  send: () => new Promise(() => {}),
  receive: () => new Promise(() => {}),
  close: () => Promise.resolve(),
  abort: () => {},
}

test('a receipt for a text that this connection has not carried yet is refused', async () => {
  const texts = delivery()
  for (const text of ['one', 'two', 'three']) texts.send(text)
  const conversation = { id: '0'.repeat(32), theirs: '1'.repeat(32), texts }
  const delivered: string[] = []
  const exchange = textExchange(stuck, conversation, 0n, {
    text: () => Promise.resolve(),
    delivered: id => delivered.push(id),
    stalled: () => {},
  })
  exchange.pass()
  expect(() => exchange.take(RECEIPT.message({ id: 2n }))).toThrow(expect.objectContaining({ code: 'bad-message' }))
  expect(texts.unacknowledged).toBe(3)
  void exchange.take(RECEIPT.message({ id: 1n }))
  expect(delivered).toEqual(['0000000000000000-1'])
})

test('a peer that acknowledges nothing stalls it after two minutes, in which this process runs', async () => {
  const pass = fakeClock()
  const texts = delivery()
  while (!texts.full) texts.send('x'.repeat(16_384))
  const stalled = vi.fn()
  const exchange = textExchange(stuck, { id: '0'.repeat(32), theirs: '1'.repeat(32), texts }, 0n, {
    text: () => Promise.resolve(),
    delivered: () => {},
    stalled,
  })
  onTestFinished(() => exchange.end())
  exchange.pass()
  // A process that was suspended finds each timer over when it goes on.
  vi.runOnlyPendingTimers()
  await pass(118_999)
  expect(stalled).not.toHaveBeenCalled()
  await pass(1)
  expect(stalled).toHaveBeenCalledTimes(1)
})
