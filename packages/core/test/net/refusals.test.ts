import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { dial } from '../../src/net/dial.ts'
import { REFUSAL_ROOM, refusals } from '../../src/net/receive.ts'
import { readError } from '../../src/wire/error-message.ts'
import { HEADER_BYTES } from '../../src/wire/frame.ts'
import { openListener } from '../support/loopback.ts'

const CROWD = 3 * REFUSAL_ROOM

// Nobody's time is up, however slow the machine is.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Somebody who stays on the line whatever they hear. */
async function heardBy(socket: Socket): Promise<string> {
  const said = await new Promise<Buffer>(resolve => socket.once('data', resolve))
  return readError(said.subarray(HEADER_BYTES)).error.code
}

test('everybody in a crowd hears why, and few of them stay', async () => {
  const taken: Socket[] = []
  const { refuse } = refusals()
  const listener = await openListener(CROWD, socket => {
    taken.push(socket)
    refuse(socket, new ChatError('too-many', 'no room'))
  })
  const crowd = await Promise.all(Array.from({ length: CROWD }, () => dial(listener)))
  onTestFinished(() => {
    for (const socket of crowd) socket.destroy()
  })
  expect(await Promise.all(crowd.map(heardBy))).toEqual(crowd.map(() => 'too-many'))
  expect(taken).toHaveLength(CROWD)
  expect(taken.filter(socket => !socket.destroyed)).toHaveLength(REFUSAL_ROOM)
})

test('whoever leaves makes room: nobody is destroyed while few are there', async () => {
  const taken: Socket[] = []
  const { refuse } = refusals()
  const listener = await openListener(CROWD, socket => {
    taken.push(socket)
    refuse(socket, new ChatError('too-many', 'no room'))
  })
  const first = await dial(listener)
  expect(await heardBy(first)).toBe('too-many')
  for (let i = 0; i < CROWD; i++) {
    const next = await dial(listener)
    expect(await heardBy(next)).toBe('too-many')
    const left = taken.at(-1)
    next.end()
    if (left?.closed === false) await once(left, 'close')
  }
  expect(taken[0]?.destroyed).toBe(false)
  first.destroy()
})
