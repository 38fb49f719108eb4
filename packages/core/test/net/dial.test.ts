import { once } from 'node:events'
import type { Socket, TcpNetConnectOpts } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { ChatError } from '../../src/errors.ts'
import { dial, MOST_ADDRESSES } from '../../src/net/dial.ts'
import { listen } from '../../src/net/listen.ts'
import { resolve } from '../../src/net/resolve.ts'
import { loopback, openListener } from '../support/loopback.ts'

/** Sockets that were dialled, by host. */
const dialled = new Map<string, Socket>()
/** Hosts that never answer, and those whose answer is scripted: the code of an error. */
const scripted = new Map<string, 'silent' | 'EHOSTUNREACH' | 'ENETUNREACH'>()
let besides: Partial<TcpNetConnectOpts> = {}

vi.mock('node:net', async importActual => {
  const actual = await importActual<typeof import('node:net')>()
  return {
    ...actual,
    connect(options: TcpNetConnectOpts) {
      const host = String(options.host)
      const script = scripted.get(host)
      const socket = script === undefined ? actual.connect({ ...options, ...besides }) : new actual.Socket()
      if (script !== undefined && script !== 'silent') {
        setImmediate(() => socket.destroy(Object.assign(new Error(script), { code: script })))
      }
      dialled.set(host, socket)
      return socket
    },
  }
})

const hosts =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses)
const never = new AbortController().signal
const turn = () => new Promise(resolve => setImmediate(resolve))
const hasCode = (code: string) => expect.objectContaining({ name: 'ChatError', code })

afterEach(() => {
  dialled.clear()
  scripted.clear()
  besides = {}
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
  const dialling = dial(listener, { deadline: 1_500 })
  vi.advanceTimersByTime(1_500)
  await expect(dialling).rejects.toEqual(hasCode('timeout'))
})

test('a deadline that is not needed is not left running', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  await loopback()
  expect(vi.getTimerCount()).toBe(0)
})

test('a host with several addresses is reached at the first that answers, and the others are given up', async () => {
  for (const host of ['192.0.2.1', '2001:db8::1']) scripted.set(host, 'silent')
  const { port } = await openListener(1, () => {})
  const socket = await dial({ host: 'bob.example', port }, { lookup: hosts('192.0.2.1', '2001:db8::1', '127.0.0.1') })
  expect(socket.remoteAddress).toBe('127.0.0.1')
  expect([...dialled.keys()]).toEqual(['192.0.2.1', '2001:db8::1', '127.0.0.1'])
  expect(dialled.get('192.0.2.1')?.destroyed).toBe(true)
  expect(dialled.get('2001:db8::1')?.destroyed).toBe(true)
  socket.destroy()
})

test('an address that refuses makes place for the next one at once', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { port } = await openListener(1, () => {})
  const socket = await dial({ host: 'bob.example', port }, { lookup: hosts('127.0.0.2', '127.0.0.3', '127.0.0.1') })
  expect(socket.remoteAddress).toBe('127.0.0.1')
  expect(vi.getTimerCount()).toBe(0)
  socket.destroy()
})

test('no address is given up before the deadline, and the next one begins after a quarter of a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  for (const host of ['192.0.2.1', '192.0.2.2']) scripted.set(host, 'silent')
  const dialling = dial({ host: 'bob.example', port: 1 }, { lookup: hosts('192.0.2.1', '192.0.2.2') })
  const failed = expect(dialling).rejects.toMatchObject({
    code: 'timeout',
    message: 'bob.example:1 did not answer within 10 seconds',
  })
  await turn()
  await vi.advanceTimersByTimeAsync(249)
  expect([...dialled.keys()]).toEqual(['192.0.2.1'])
  await vi.advanceTimersByTimeAsync(1)
  expect([...dialled.keys()]).toEqual(['192.0.2.1', '192.0.2.2'])
  await vi.advanceTimersByTimeAsync(9_749)
  expect([...dialled.values()].some(({ destroyed }) => destroyed)).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await failed
  expect([...dialled.values()].every(({ destroyed }) => destroyed)).toBe(true)
})

test.each([
  [['ENETUNREACH', 'EHOSTUNREACH'], 'there is no route'],
  [['ENETUNREACH', 'ECONNREFUSED'], 'nothing listens there'],
  [['ECONNREFUSED', 'ENETUNREACH'], 'nothing listens there'],
] as const)('where the addresses fail with %j, the error is that %s', async (codes, reason) => {
  const addresses = codes.map((code, at) => {
    const host = `127.0.0.${at + 2}`
    if (code !== 'ECONNREFUSED') scripted.set(host, code)
    return host
  })
  await expect(dial({ host: 'bob.example', port: 1 }, { lookup: hosts(...addresses) })).rejects.toMatchObject({
    code: 'unreachable',
    message: `cannot reach bob.example:1: ${reason}`,
  })
})

test('a name server that does not answer is given up with the deadline', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const dialling = dial({ host: 'bob.example', port: 1 }, { lookup: () => new Promise(() => {}) })
  const failed = expect(dialling).rejects.toMatchObject({
    code: 'timeout',
    message: 'the IP address of bob.example did not come within 10 seconds',
  })
  await vi.advanceTimersByTimeAsync(10_000)
  await failed
  const lookup = () => Promise.reject(Object.assign(new Error(), { code: 'EAI_AGAIN' }))
  await expect(dial({ host: 'bob.example', port: 1 }, { lookup })).rejects.toMatchObject({
    code: 'unreachable',
    message: 'cannot reach bob.example:1: no name server answers',
  })
})

test('an address of ours reaches its own family alone', async () => {
  const { port } = await openListener(1, () => {})
  const options = { localAddress: '127.0.0.9', lookup: hosts('::1', '127.0.0.1') }
  const socket = await dial({ host: 'bob.example', port }, options)
  expect(socket.localAddress).toBe('127.0.0.9')
  expect([...dialled.keys()]).toEqual(['127.0.0.1'])
  socket.destroy()
  await expect(dial({ host: '::1', port }, options)).rejects.toEqual(hasCode('unreachable'))
})

test('a signal ends all attempts', async () => {
  scripted.set('192.0.2.1', 'silent')
  const leaving = new AbortController()
  const why = new ChatError('closed', 'given up')
  const dialling = dial({ host: '192.0.2.1', port: 1 }, { signal: leaving.signal })
  await turn()
  leaving.abort(why)
  await expect(dialling).rejects.toBe(why)
  expect(dialled.get('192.0.2.1')?.destroyed).toBe(true)
  await expect(dial({ host: '192.0.2.1', port: 1 }, { signal: leaving.signal })).rejects.toBe(why)
})

test('a port that meets only itself is one where nothing listens', async () => {
  const listener = await listen({ host: '127.0.0.1', port: 0 }, 1, () => {})
  listener.stop()
  // What the system does by chance: it dials from the very port that is dialled.
  besides = { localPort: listener.port }
  await expect(dial(listener)).rejects.toMatchObject({
    code: 'unreachable',
    message: `cannot reach 127.0.0.1:${listener.port}: nothing listens there`,
  })
})

test('of the addresses of a host the families take turns, none comes twice, and a flood of them is cut short', async () => {
  const mixed = hosts('2001:db8::1', '2001:db8::2', '2001:db8::1', '192.0.2.1', '2001:db8::3', '192.0.2.2')
  expect(await resolve('bob.example', MOST_ADDRESSES, never, mixed)).toEqual([
    '2001:db8::1',
    '192.0.2.1',
    '2001:db8::2',
    '192.0.2.2',
    '2001:db8::3',
  ])
  const flood = Array.from({ length: 1_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`)
  const few = await resolve('bob.example', MOST_ADDRESSES, never, hosts(...flood, '2001:db8::1'))
  expect(few).toHaveLength(40)
  expect(few[1]).toBe('2001:db8::1')
  expect(await resolve('fe80::1%lo', MOST_ADDRESSES, never, () => Promise.reject(new Error('asked')))).toEqual([
    'fe80::1%lo',
  ])
})

test('the system is asked in a process that ends with the signal', async () => {
  // What getaddrinfo() reads as a number needs no name server.
  expect(await resolve('127.1', MOST_ADDRESSES, never)).toEqual(['127.0.0.1'])
  const leaving = new AbortController()
  const asked = resolve('127.1', MOST_ADDRESSES, leaving.signal)
  leaving.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
})

test('a reset before anybody uses the socket does not end the process', async () => {
  const { alice, bob } = await loopback()
  // Not once() of node:events, which would listen for errors itself.
  const closed = new Promise(resolve => alice.resume().on('close', resolve))
  bob.resetAndDestroy()
  await closed
  expect(alice.destroyed).toBe(true)
})
