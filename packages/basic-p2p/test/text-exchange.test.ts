import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expect, test } from 'vitest'
import { delivery } from '../src/chat/delivery.ts'
import { receiptMessage } from '../src/chat/session-messages.ts'
import { textExchange } from '../src/chat/text-exchange.ts'

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
  expect(() => exchange.take(receiptMessage(2n))).toThrow(expect.objectContaining({ code: 'bad-message' }))
  expect(texts.unacknowledged).toBe(3)
  void exchange.take(receiptMessage(1n))
  expect(delivered).toEqual(['0000000000000000-1'])
})
