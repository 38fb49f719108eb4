import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { dial } from '../src/net/dial.ts'
import { listen } from '../src/net/listen.ts'
import { loopback, openListener } from './support/loopback.ts'

const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })

afterEach(() => {
  vi.useRealTimers()
})

test('connects; each side ends its own direction', async () => {
  const { alice, bob } = await loopback()
  bob.end('goodbye alice')
  alice.resume()
  await once(alice, 'end')
  expect(alice.writable).toBe(true)
  alice.end('goodbye bob')
  const [chunk] = await once(bob, 'data')
  expect(`${chunk}`).toBe('goodbye bob')
})

test('where nobody listens is unreachable, with the cause', async () => {
  const listener = await listen({ host: '127.0.0.1', port: 0 }, 1, () => {})
  listener.stop()
  const error: unknown = await dial(listener).catch((e: unknown) => e)
  expect(error).toEqual(hasCode('unreachable'))
  expect(error).toHaveProperty('message', `cannot reach 127.0.0.1:${listener.port}: nothing listens there`)
  expect(error).toHaveProperty('cause.code', 'ECONNREFUSED')
})

test('a host that has no address is a bad address', async () => {
  const error: unknown = await dial({ host: 'no..host', port: 1 }).catch((e: unknown) => e)
  expect(error).toEqual(hasCode('bad-address'))
  expect(error).toHaveProperty('message', 'cannot reach no..host:1: the host name is unknown')
})

test('who does not answer in time is given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const sockets: unknown[] = []
  const listener = await openListener(1, socket => sockets.push(socket))
  const dialling = dial(listener, 1_500)
  vi.advanceTimersByTime(1_500)
  await expect(dialling).rejects.toEqual(hasCode('timeout'))
})

test('a deadline that is not needed is not left running', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  await loopback()
  expect(vi.getTimerCount()).toBe(0)
})

test('a reset before anybody uses the socket does not end the process', async () => {
  const { alice, bob } = await loopback()
  // Not once() of node:events, which would listen for errors itself.
  const closed = new Promise(resolve => alice.resume().on('close', resolve))
  bob.resetAndDestroy()
  await closed
  expect(alice.destroyed).toBe(true)
})
