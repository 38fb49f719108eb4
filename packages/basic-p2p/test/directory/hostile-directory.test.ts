import { jsonMessage } from '../../../core/test/support/json-message.ts'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { encodeFrame, type Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import { describe, expect, test } from 'vitest'
import { turnsDuring, work } from '../../../core/test/support/turns.ts'
import type { DirectoryClient } from '../../src/directory/directory-client.ts'
import { connect, online } from '../support/directory.ts'
import { onlineBot } from '../support/programs.ts'
import { happenings } from '../support/events.ts'
import { directoryHello, impostor, type Stranger } from '../support/stranger.ts'
import {
  CARD,
  LOOKUP,
  PRESENCE,
  REGISTER,
  REGISTERED,
  USERS,
  WATCH,
  WELCOME,
  WHO,
} from '../../src/messages/directory.ts'

test('much news at once leaves turns to others', async () => {
  const NEWS = 200
  let heard = 0
  let onFirst = () => {}
  let onLast = () => {}
  const first = new Promise<void>(resolve => (onFirst = resolve))
  const last = new Promise<void>(resolve => (onLast = resolve))
  const directory = await impostor(async user => {
    user.say(directoryHello, jsonMessage(WELCOME.type, { open: false }))
    await user.until(REGISTER.type)
    user.say(jsonMessage(REGISTERED.type, { name: 'alice' }))
    await user.until(WATCH.type)
    const news = [true, false].map(isOnline =>
      encodeFrame(jsonMessage(PRESENCE.type, { name: 'bob', online: isOnline })),
    )
    user.write(Buffer.concat(Array.from({ length: NEWS / 2 }, () => news).flat()))
  })
  const alice = await online(directory, 'alice', {
    onPresence() {
      work()
      heard += 1
      if (heard === 1) onFirst()
      if (heard === NEWS) onLast()
    },
  })
  await alice.watch(['bob'])
  await first
  expect(await turnsDuring(last)).toBeGreaterThan(5)
})

test('a client does not answer the ERROR of a directory with another one', async () => {
  const places = [[], [directoryHello], [directoryHello, jsonMessage(WELCOME.type, { open: false })]]
  places.push([...(places[2] ?? []), jsonMessage(REGISTERED.type, { name: 'alice' })])
  for (const said of places) {
    for (const error of [{ code: 'too-many', message: 'no room' }, {}]) {
      const answers: (string | null)[] = []
      let onEnd = () => {}
      const end = new Promise<void>(resolve => (onEnd = resolve))
      const directory = await impostor(async user => {
        user.say(...said, jsonMessage(ERROR.type, error))
        answers.push(await user.error())
        onEnd()
        user.socket.destroy()
      })
      await online(directory, 'alice').catch(() => undefined)
      await end
      expect(answers).toEqual([null])
    }
  }
})

test('a client dials nobody at an address that a lying directory must not name', async () => {
  const hosts = ['169.254.169.254', '::ffff:169.254.169.254', 'ff02::1', '0.0.0.0', '255.255.255.255', 'fe80::1%lo']
  const directory = await impostor(async user => {
    user.say(directoryHello, jsonMessage(WELCOME.type, { open: false }))
    const { port: own } = REGISTER.read((await user.until(REGISTER.type)).body)
    user.say(jsonMessage(REGISTERED.type, { name: 'alice' }))
    for (const [at, host] of [...hosts, '127.0.0.1'].entries()) {
      const { id, name } = LOOKUP.read((await user.until(LOOKUP.type)).body)
      const port = at === hosts.length ? own : 22
      user.say(jsonMessage(CARD.type, { id, name, host, port, fingerprint: null }))
    }
  })
  const alice = await onlineBot(directory, 'alice')
  alice.write([...hosts, 'self'].map((_, at) => `/chat peer${at}\n`).join(''))
  const why = [
    'link-local',
    'link-local',
    'multicast',
    'unspecified',
    'reserved',
    'not an IP address',
    'this client itself',
  ]
  for (const [at, reason] of why.entries()) {
    expect(await alice.until('closed', { peer: `peer${at}` })).toMatchObject({
      reason: 'error',
      code: 'unreachable',
      message: expect.stringContaining(reason),
    })
  }
})

const welcome = jsonMessage(WELCOME.type, { open: false })
const users = (names: readonly string[], next: string | null = null, id = 1) =>
  jsonMessage(USERS.type, { id, users: names.map(name => ({ name })), next })
const card = (name: string, id = 1) =>
  jsonMessage(CARD.type, { id, name, host: '127.0.0.1', port: 40_123, fingerprint: null })
const hasCode = (code: string) => expect.objectContaining({ code })

/** Plays the directory as far as alice's registration. */
async function registers(user: Stranger): Promise<void> {
  user.say(directoryHello, welcome)
  await user.until(REGISTER.type)
  user.say(jsonMessage(REGISTERED.type, { name: 'alice' }))
}

/** What a directory must not answer to one request, and what the client calls it, to its user and to the directory. */
const WRONG_PAGES: readonly [what: string, answer: Message, code: string][] = [
  ['a name that does not begin so', users(['bob', 'carol']), 'bad-message'],
  ['the name after which the page begins', users(['b', 'bob']), 'bad-message'],
  ['names in another order', users(['bob', 'bert']), 'bad-message'],
  ['a name twice', users(['bob', 'bob']), 'bad-message'],
  ['a name that is not one', users(['b\u001b[2J']), 'bad-name'],
  ['more names than any page has', users(Array.from({ length: 201 }, (_, at) => `b${1_000 + at}`)), 'bad-message'],
  ['a next page that begins in the middle', users(['bert', 'bob'], 'bert'), 'bad-message'],
  ['an empty page that goes on', users([], 'b'), 'bad-message'],
  ['a card', card('bob'), 'unexpected-message'],
  ['a page for another request', users(['bob'], null, 2), 'unexpected-message'],
  [
    'an error for another request',
    jsonMessage(ERROR.type, { id: 2, code: 'too-many', message: '' }),
    'unexpected-message',
  ],
]
const WRONG_CARDS: readonly [what: string, answer: Message, code: string][] = [
  ['the card of somebody else', card('mallory'), 'bad-message'],
  ['a page', users(['bob']), 'unexpected-message'],
]

describe('a directory is left that answers', () => {
  async function check(type: number, answer: Message, code: string, ask: (alice: DirectoryClient) => Promise<unknown>) {
    const heard = happenings<string | null>()
    const ended = happenings<string>()
    const directory = await impostor(async user => {
      await registers(user)
      await user.until(type)
      user.say(answer)
      heard.add(await user.error())
    })
    const onEnd = ({ cause }: Error) => ended.add(cause instanceof ChatError ? cause.code : 'goodbye')
    const alice = await online(directory, 'alice', { onEnd })
    await expect(ask(alice)).rejects.toEqual(hasCode('no-directory'))
    expect(await ended.next(() => true)).toBe(code)
    // An ERROR is not answered with another one.
    expect(await heard.next(() => true)).toBe(answer.type === ERROR.type ? null : code)
  }

  test.each(WRONG_PAGES)('WHO with %s', async (_, answer, code) => {
    await check(WHO.type, answer, code, alice => alice.who('b', 'b'))
  })

  test.each(WRONG_CARDS)('LOOKUP with %s', async (_, answer, code) => {
    await check(LOOKUP.type, answer, code, alice => alice.lookup('bob'))
  })

  test('one request twice', async () => {
    const ended = happenings<string>()
    const directory = await impostor(async user => {
      await registers(user)
      await user.until(WHO.type)
      user.say(users([]), users([]))
    })
    const onEnd = ({ message }: Error) => ended.add(message)
    const alice = await online(directory, 'alice', { onEnd })
    expect(await alice.who('')).toEqual({ users: [], next: null })
    expect(await ended.next(() => true)).toContain('unsolicited')
  })
})

test('a registration under another name is refused', async () => {
  const heard = happenings<string | null>()
  const directory = await impostor(async user => {
    user.say(directoryHello, welcome)
    await user.until(REGISTER.type)
    user.say(jsonMessage(REGISTERED.type, { name: 'mallory' }))
    heard.add(await user.error())
  })
  const alice = await connect(directory)
  await expect(alice.register('alice', null)).rejects.toEqual(hasCode('bad-message'))
  expect(await heard.next(() => true)).toBe('bad-message')
})

test('nothing is signed for a directory that sends no nonce', async () => {
  const directory = await impostor(async user => user.say(directoryHello, welcome))
  const prove = () => expect.fail('a proof was made')
  await expect(connect(directory, { prove })).rejects.toEqual(hasCode('bad-message'))
})

test('news of somebody who is not watched, and old news, are passed over', async () => {
  const news = (name: string, isOnline: boolean) => jsonMessage(PRESENCE.type, { name, online: isOnline })
  const heard = happenings<string>()
  const directory = await impostor(async user => {
    await registers(user)
    await user.until(WATCH.type)
    user.say(news('mallory', true), news('bob', true), news('bob', true), news('bob', false))
  })
  const alice = await online(directory, 'alice', { onPresence: (name, isOnline) => heard.add(`${name} ${isOnline}`) })
  await alice.watch(['bob'])
  await heard.next(told => told === 'bob false')
  expect(heard.all).toEqual(['bob true', 'bob false'])
})
