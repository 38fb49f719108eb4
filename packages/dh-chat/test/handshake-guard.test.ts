import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import type { Guard } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, test } from 'vitest'
import { codesOf, runHandshake } from './support/run-handshake.ts'
import { otherTestGroup, testGroup } from './support/test-group.ts'
import { ANSWER, CONFIRM, IDENTITY, OFFER, RETRY } from '../src/messages.ts'

/** A guard that writes down what it is asked for. */
function watched(story: string[], admit: () => Promise<void> = () => Promise.resolve()): Guard {
  return {
    awaits: step => void story.push(`awaits ${step}`),
    admit() {
      story.push('admit')
      return admit()
    },
    charge(work) {
      story.push('charge')
      return work()
    },
  }
}

const NAMES: Readonly<Record<number, string>> = {
  [OFFER.type]: 'OFFER',
  [RETRY.type]: 'RETRY',
  [ANSWER.type]: 'ANSWER',
  [IDENTITY.type]: 'IDENTITY',
  [CONFIRM.type]: 'CONFIRM',
}

/** What passes between alice and bob, who is called, and what his guard is asked for, in order. */
async function storyOf(offered = [testGroup], taken = [testGroup], admit?: () => Promise<void>) {
  const story: string[] = []
  const run = await runHandshake(
    { groups: offered },
    { groups: taken, guard: watched(story, admit) },
    (message, from) => {
      const name = NAMES[message.type]
      // The initiator says ERROR as well, when it has heard one.
      if (name !== undefined || from === 'responder') story.push(name ?? 'ERROR')
      return [message]
    },
  )
  return { story, codes: codesOf(run) }
}

test('nothing is computed or answered before it is admitted, and both exponentiations are charged', async () => {
  const { story, codes } = await storyOf()
  expect(codes).toEqual({ initiator: 'done', responder: 'done' })
  const order = ['OFFER', 'admit', 'charge', 'ANSWER', 'charge', 'IDENTITY', 'awaits identity', 'IDENTITY', 'CONFIRM']
  expect(story).toEqual(order)
})

test('after RETRY the next OFFER is due, and is admitted like the first', async () => {
  const { story, codes } = await storyOf([testGroup, otherTestGroup], [otherTestGroup, testGroup])
  expect(codes).toEqual({ initiator: 'done', responder: 'done' })
  expect(story.slice(0, 7)).toEqual(['OFFER', 'admit', 'awaits offer', 'RETRY', 'OFFER', 'admit', 'charge'])
})

test('who is not admitted hears why, gets no answer, and costs nothing', async () => {
  const refused = () => Promise.reject(new ChatError('too-many', 'no processor time is left'))
  const { story, codes } = await storyOf([testGroup], [testGroup], refused)
  expect(codes).toEqual({ initiator: 'too-many', responder: 'too-many' })
  expect(story).toEqual(['OFFER', 'admit', 'ERROR'])
})

test('a bad public value is charged for its check, and gets no answer', async () => {
  const story: string[] = []
  const bad = jsonMessage(OFFER.type, {
    groups: [testGroup.name],
    group: testGroup.name,
    public: (testGroup.p - 1n).toString(16).padStart(2 * testGroup.bytes, '0'),
    nonce: '00'.repeat(32),
  })
  const run = await runHandshake({}, { guard: watched(story) }, (message, from) => {
    if (from === 'responder') story.push(NAMES[message.type] ?? 'ERROR')
    return [message.type === OFFER.type ? bad : message]
  })
  expect(codesOf(run).responder).toBe('bad-public-value')
  expect(story).toEqual(['admit', 'charge', 'ERROR'])
})

test.each(['modp17', 'modp18', 'ffdhe6144', 'ffdhe8192'])(
  'an offer in %s, which nobody asked for on the other side, costs no exponentiation',
  async name => {
    const { defaultGroups } = await import('../src/group/default-groups.ts')
    const { story, codes } = await storyOf([namedGroup(name)], defaultGroups())
    expect(codes).toEqual({ initiator: 'no-common-group', responder: 'no-common-group' })
    expect(story).toEqual(['OFFER', 'admit', 'ERROR'])
  },
)
