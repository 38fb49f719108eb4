import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import { jsonMessage } from '../../../core/test/support/json-message.ts'
import type { Guard, Role } from '@p2p-secure-chat/core/wire/upgrade'
import { expect, test } from 'vitest'
import { memoryWire } from '../../../core/test/support/wire.ts'
import { codeOf, codesOf, optionsFor, outcomeOf, runHandshake } from '../support/run-handshake.ts'
import { otherTestGroup, testGroup } from '../support/test-group.ts'
import { handshakeLimits } from '../../src/handshake/handshake-upgrade.ts'
import { ANSWER, CONFIRM, IDENTITY, OFFER, RETRY } from '../../src/messages.ts'

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
  const run = await runHandshake({ groups: offered }, { groups: taken, guard: watched(story, admit) }, message => {
    story.push(NAMES[message.type] ?? 'ERROR')
    return [message]
  })
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
    const { defaultGroups } = await import('../../src/group/chosen-groups.ts')
    const { story, codes } = await storyOf([namedGroup(name)], defaultGroups())
    expect(codes).toEqual({ initiator: 'no-common-group', responder: 'no-common-group' })
    expect(story).toEqual(['OFFER', 'admit', 'ERROR'])
  },
)

test.each([
  ['a value in a group that it does not list', { group: 'other256' }],
  ['a value in a group that nobody has', { group: 'ffdhe512' }],
  ['a group twice', { groups: ['test256', 'test256'] }],
  ['a group twice that nobody has', { groups: ['test256', 'ffdhe512', 'ffdhe512'] }],
  ['a group twice, and would get a RETRY', { groups: ['test256', 'other256', 'other256'] }],
])('an offer with %s is refused at once', async (_, change) => {
  const story: string[] = []
  const groups = [otherTestGroup, testGroup]
  const run = await runHandshake({}, { groups, guard: watched(story) }, (message, from) => {
    if (from === 'responder') story.push(NAMES[message.type] ?? 'ERROR')
    if (message.type !== OFFER.type) return [message]
    return [jsonMessage(OFFER.type, { ...JSON.parse(Buffer.from(message.body).toString()), ...change })]
  })
  expect(codesOf(run)).toEqual({ initiator: 'handshake-failed', responder: 'handshake-failed' })
  const told = readError(run.sent.at(-1)?.message.body ?? new Uint8Array()).error
  expect(told).toMatchObject({ code: 'bad-message', message: 'the other side says: refused' })
  expect(story).toEqual(['admit', 'ERROR'])
})

test('what a side says has been written before it goes on computing', async () => {
  const wire = memoryWire()
  const limits = new Map([...handshakeLimits, [ERROR.type, ERROR.limit] as const])
  const story: string[] = []
  function side(role: Role) {
    const tap = { received: () => {}, sent: (frame: Uint8Array) => void story.push(`${role} ${NAMES[frame[4] ?? 0]}`) }
    return socketChannel(role === 'initiator' ? wire.alice : wire.bob, limits, tap)
  }
  const guard = watched(story)
  const onSecret = (kind: string) => void story.push(`initiator's ${kind} secret`)
  const sides = [
    outcomeOf(side('initiator'), optionsFor('initiator', { onSecret })),
    outcomeOf(side('responder'), optionsFor('responder', { guard })).finally(() => story.push('responder done')),
  ]
  expect((await Promise.all(sides)).map(codeOf)).toEqual(['done', 'done'])
  const after = (first: string) => story.slice(story.indexOf(first) + 1)
  expect(after('responder ANSWER')).toContain('charge')
  expect(after('initiator IDENTITY')).toContain("initiator's session secret")
  expect(after('responder CONFIRM')).toContain('responder done')
})
