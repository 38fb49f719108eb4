import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage, readJson } from '@p2p-secure-chat/core/wire/json-body'
import {
  CARD,
  ERROR,
  LOOKUP,
  PRESENCE,
  REGISTER,
  REGISTERED,
  WATCH,
  WELCOME,
} from '@p2p-secure-chat/core/wire/message-types'
import { expect, test } from 'vitest'
import { turnsDuring, work } from '../../core/test/support/turns.ts'
import { lookupSchema, registerSchema } from '../src/directory/directory-messages.ts'
import { online } from './support/directory.ts'
import { onlineBot } from './support/programs.ts'
import { directoryHello, impostor } from './support/stranger.ts'

test('much news at once leaves turns to others', async () => {
  const NEWS = 200
  let heard = 0
  let onFirst = () => {}
  let onLast = () => {}
  const first = new Promise<void>(resolve => (onFirst = resolve))
  const last = new Promise<void>(resolve => (onLast = resolve))
  const directory = await impostor(async user => {
    user.say(directoryHello, jsonMessage(WELCOME, { open: false }))
    await user.until(REGISTER)
    user.say(jsonMessage(REGISTERED, { name: 'alice' }))
    await user.until(WATCH)
    const news = [true, false].map(isOnline => encodeFrame(jsonMessage(PRESENCE, { name: 'bob', online: isOnline })))
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
  const places = [[], [directoryHello], [directoryHello, jsonMessage(WELCOME, { open: false })]]
  places.push([...(places[2] ?? []), jsonMessage(REGISTERED, { name: 'alice' })])
  for (const said of places) {
    for (const error of [{ code: 'too-many', message: 'no room' }, {}]) {
      const answers: (string | null)[] = []
      let onEnd = () => {}
      const end = new Promise<void>(resolve => (onEnd = resolve))
      const directory = await impostor(async user => {
        user.say(...said, jsonMessage(ERROR, error))
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
    user.say(directoryHello, jsonMessage(WELCOME, { open: false }))
    const { port: own } = readJson(registerSchema, (await user.until(REGISTER)).body)
    user.say(jsonMessage(REGISTERED, { name: 'alice' }))
    for (const [at, host] of [...hosts, '127.0.0.1'].entries()) {
      const { id, name } = readJson(lookupSchema, (await user.until(LOOKUP)).body)
      const port = at === hosts.length ? own : 22
      user.say(jsonMessage(CARD, { id, name, host, port, fingerprint: null }))
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
    'no IP address',
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
