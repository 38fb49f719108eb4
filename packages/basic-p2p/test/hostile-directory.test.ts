import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { jsonMessage } from '@p2p-secure-chat/core/wire/json-body'
import { PRESENCE, REGISTER, REGISTERED, WATCH, WELCOME } from '@p2p-secure-chat/core/wire/message-types'
import { expect, test } from 'vitest'
import { turnsDuring, work } from '../../core/test/support/turns.ts'
import { online } from './support/directory.ts'
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
