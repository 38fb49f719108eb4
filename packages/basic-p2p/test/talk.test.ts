import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, test } from 'vitest'
import { conversation } from '../src/chat/conversation.ts'
import type { Session } from '../src/chat/session.ts'
import { talk } from '../src/chat/talk.ts'
import { fileTransfers } from '../src/files/file-transfers.ts'
import { fakeClock } from './support/fake-clock.ts'

/** A connection that brings no receipt until it breaks. */
function silent() {
  let onLost = () => {}
  const lost = new Promise<void>(resolve => {
    onLost = resolve
  })
  const ended = () => Promise.resolve()
  const session: Session = {
    state: 'open',
    accept: () => {},
    decline: () => {},
    send: text => text,
    pass: ended,
    settled: () => lost,
    leave: ended,
    hangUp: ended,
    lose: ended,
  }
  return { session, onLost }
}

const learnt = {
  protocol: 'peer-aes/1',
  peer: 'mallory',
  confidential: true,
  integrity: true,
  identity: 'known',
  fingerprint: 'x',
  safetyNumber: null,
  precedes: true,
  notices: [],
  remember: () => Promise.resolve(),
  opened: () => Promise.resolve(),
  verify: () => Promise.resolve(),
} as const

/** A conversation with one text that nobody acknowledges, and a way to replace its connection. */
function unacknowledged() {
  const present = conversation()
  const [first, second] = [present.texts.send('one'), present.texts.send('two')]
  let carrier = silent()
  const files = fileTransfers({
    policy: { decision: 'decline', folder: '' },
    partialKey: null,
    nextNumber: () => 1,
    tell: () => {},
  })
  const mallory = talk(
    { conversation: present, learnt, files, placed: false, first: carrier.session },
    {
      interrupted: () => {},
      resumed: () => {},
      ended: () => {},
      resume: () => new Promise(() => {}),
    },
  )
  let settled = false
  void mallory.settled().then(() => {
    settled = true
  })
  return {
    acknowledge: (upTo: 'one' | 'two') => void present.texts.acknowledge(upTo === 'one' ? first : second),
    replace() {
      const lost = carrier
      carrier = silent()
      mallory.interrupt(new ChatError('cut', 'the connection is cut'))
      lost.onLost()
      mallory.carryOn(carrier.session)
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
