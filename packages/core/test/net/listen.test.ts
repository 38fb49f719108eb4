import { once } from 'node:events'
import type { Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { dial } from '../../src/net/dial.ts'
import { listen } from '../../src/net/listen.ts'
import { openListener } from '../support/loopback.ts'

const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })

const hasIpv6 = Object.values(networkInterfaces()).some(addresses =>
  addresses?.some(({ address }) => address === '::1'),
)

/** Waits for the end of a connection, orderly or not. */
async function gone(socket: Socket): Promise<void> {
  socket.resume().on('end', () => socket.end())
  if (!socket.closed) await once(socket, 'close').catch(() => undefined)
}

/** A dialler may know of its connection before the listener does. */
async function untilTaken(taken: readonly Socket[], count: number): Promise<void> {
  while (taken.length < count) await new Promise(resolve => setImmediate(resolve))
}

test('port 0 takes a free one and says which', async () => {
  const taken: Socket[] = []
  const one = await openListener(1, socket => taken.push(socket))
  const other = await openListener(1, () => {})
  expect(one.host).toBe('127.0.0.1')
  expect(one.port).toBeGreaterThan(0)
  expect(other.port).not.toBe(one.port)
  const socket = await dial(one)
  expect(socket.remotePort).toBe(one.port)
})

test.skipIf(!hasIpv6)('listens on IPv6', async () => {
  const listener = await listen({ host: '::1', port: 0 }, 1, socket => socket.end('hello'))
  const socket = await dial(listener)
  const [chunk] = await once(socket, 'data')
  expect(`${chunk}`).toBe('hello')
  socket.destroy()
  listener.stop()
  listener.destroyAll()
})

test('a port that is taken is port-in-use', async () => {
  const { port } = await openListener(1, () => {})
  const error: unknown = await listen({ host: '127.0.0.1', port }, 1, () => {}).catch((e: unknown) => e)
  expect(error).toEqual(hasCode('port-in-use'))
  expect(error).toHaveProperty('message', `127.0.0.1:${port} is in use by another program`)
})

test.each(['192.0.2.1', 'no..host'])('%s is not ours to listen on', async host => {
  await expect(listen({ host, port: 0 }, 1, () => {})).rejects.toEqual(hasCode('bad-address'))
})

test('above the limit connections are closed unheard, and there is room again when one ends', async () => {
  const taken: Socket[] = []
  const listener = await openListener(2, socket => taken.push(socket))
  const [first] = await Promise.all([dial(listener), dial(listener)])
  await untilTaken(taken, 2)
  await gone(await dial(listener))
  expect(taken).toHaveLength(2)

  const ended = Promise.all(taken.filter(({ remotePort }) => remotePort === first.localPort).map(gone))
  first.end()
  await Promise.all([gone(first), ended])
  const next = await dial(listener)
  next.write('hello')
  await untilTaken(taken, 3)
  next.destroy()
})

test('a reset connection does not end the process', async () => {
  let take: (socket: Socket) => void = () => {}
  const taken = new Promise<Socket>(resolve => {
    take = resolve
  })
  const listener = await openListener(1, take)
  const socket = await dial(listener)
  const theirs = await taken
  // Not once() of node:events, which would listen for errors itself.
  const closed = new Promise(resolve => theirs.resume().on('close', resolve))
  socket.resetAndDestroy()
  await closed
})

test('stop() takes no more, destroyAll() ends those that are there', async () => {
  const taken: Socket[] = []
  const listener = await openListener(5, socket => taken.push(socket))
  const sockets = await Promise.all([dial(listener), dial(listener)])
  await untilTaken(taken, 2)
  listener.stop()
  listener.stop()
  await expect(dial(listener)).rejects.toEqual(hasCode('unreachable'))
  expect(sockets.map(socket => socket.destroyed)).toEqual([false, false])
  listener.destroyAll()
  await Promise.all(sockets.map(gone))
})
