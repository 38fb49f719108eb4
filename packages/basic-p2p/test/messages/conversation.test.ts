import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import { Conversation, conversationId } from '../../src/chat/conversation.ts'
import { reconnect } from '../../src/chat/reconnect.ts'
import { Session } from '../../src/chat/session.ts'
import { fileTransfers } from '../../src/files/file-transfers.ts'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { securityOf } from '../support/peer-security.ts'
import { fakeClock } from '../support/fake-clock.ts'
import { RECEIPT } from '../../src/messages/conversation.ts'

const security = securityOf('mallory')

/** A connection that brings no receipt until it breaks. */
function silent() {
  const owner = {
    called: () => {},
    opened: () => {},
    take: () => {},
    saidGoodbye: () => {},
    handedOver: () => Promise.resolve(),
    finish: () => Promise.resolve(),
    closed: () => {},
    lost: () => {},
  }
  const session = new Session({ channel: channelPair()[0], security }, owner, { conversation: conversationId() })
  return Object.defineProperty(session, 'carries', { value: true })
}

/** A conversation with two texts that nobody acknowledges, and a way to replace its connection. */
function unacknowledged() {
  const files = fileTransfers({
    policy: { decision: 'decline', folder: '' },
    partialKey: null,
    nextNumber: () => 1,
    tell: () => {},
  })
  const present = new Conversation({
    ids: { ours: '0'.repeat(32), theirs: '1'.repeat(32) },
    security,
    placed: false,
    files,
    events: { text: () => Promise.resolve(), delivered: () => {} },
  })
  present.connect(silent())
  for (const text of ['one', 'two']) present.outbox.say(text)
  let settled = false
  void present.settled().then(() => {
    settled = true
  })
  return {
    acknowledge: (upTo: 'one' | 'two') => void present.outbox.take(RECEIPT.message({ id: upTo === 'one' ? 1n : 2n })),
    replace() {
      const never = { headStart: 0, attempt: () => new Promise<boolean>(() => {}), onGivenUp: () => {} }
      present.disconnect(reconnect(new ChatError('cut', 'the connection is cut'), never))
      present.connect(silent(), present.outbox.acknowledged)
      present.flow()
    },
    get settled() {
      return settled
    },
  }
}

test('a peer that acknowledges nothing and comes back again and again keeps nobody waiting for ever', async () => {
  const pass = fakeClock()
  const present = unacknowledged()
  let minutes = 0
  for (; !present.settled && minutes < 60; minutes++) {
    await pass(60_000)
    present.replace()
    await pass(0)
  }
  expect(minutes).toBe(3)
})

test('whoever acknowledges something meanwhile is waited for anew', async () => {
  const pass = fakeClock()
  const present = unacknowledged()
  for (const minute of [1, 2, 3, 4]) {
    await pass(60_000)
    if (minute === 2) present.acknowledge('one')
    present.replace()
    await pass(0)
  }
  expect(present.settled).toBe(false)
  await pass(60_000)
  present.replace()
  await pass(0)
  expect(present.settled).toBe(true)
})
