import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import { expect, test } from 'vitest'
import { turnsDuring, work } from '../../core/test/support/turns.ts'
import { online } from './support/directory.ts'
import { onlineBot } from './support/programs.ts'
import { directoryHello, impostor } from './support/stranger.ts'
import { CARD, LOOKUP, PRESENCE, REGISTER, REGISTERED, WATCH, WELCOME } from '../src/messages/directory.ts'

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
