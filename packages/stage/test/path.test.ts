import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { expect, onTestFinished, test } from 'vitest'
import { openPath, type Path, type PathOptions } from '../src/path.ts'

/** Gives back what it gets, and ends when the other side does. */
async function echo(): Promise<Address> {
  const server = createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return { host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 }
}

async function pathTo(target: Address, options?: PathOptions): Promise<Path> {
  const path = await openPath(options)
  onTestFinished(() => path.stop())
  path.forwardTo(target)
  return path
}

async function allOf(socket: Socket): Promise<Buffer> {
  const received: Buffer[] = []
  for await (const chunk of socket) received.push(chunk)
  return Buffer.concat(received)
}

const frame = (type: number, body: string) => encodeFrame({ type, body: Buffer.from(body) })

test('a path passes every byte on unchanged, both ways and to the end, and keeps a copy', async () => {
  const path = await pathTo(await echo(), { unit: 'segment' })

  const socket = await dial(path)
  const sent = Buffer.alloc(300_000, 'some bytes ')
  socket.end(sent)

  expect((await allOf(socket)).equals(sent)).toBe(true)
  for (const side of ['dialler', 'listener'] as const) {
    const copy = Buffer.concat(path.passed.filter(({ from }) => from === side).map(({ bytes }) => bytes))
    expect(copy.equals(sent)).toBe(true)
  }
})

test('a connection that comes before the path knows its target is refused', async () => {
  const path = await openPath({ unit: 'segment' })
  onTestFinished(() => path.stop())
  const socket = await dial(path)
  await once(socket.resume(), 'end')
  expect(path.passed).toEqual([])
})

test('whoever sits on it gets whole frames, however they were cut, and decides about each', async () => {
  const path = await pathTo(await echo())
  path.setTamper(({ from, type, bytes }, forward) => {
    if (from === 'dialler' && type === 2) forward.onward(frame(2, 'forged'))
    else if (type !== 3) forward.onward(bytes)
  })
  const socket = await dial(path)
  const said = Buffer.concat([frame(1, 'one'), frame(2, 'two'), frame(3, 'three')])
  for (const byte of said) socket.write(Uint8Array.of(byte))
  socket.end()

  expect((await allOf(socket)).equals(Buffer.concat([frame(1, 'one'), frame(2, 'forged')]))).toBe(true)
  expect(path.passed.filter(({ from }) => from === 'dialler').map(({ type }) => type)).toEqual([1, 2, 3])
  await expect(path.awaits({ from: 'listener', type: 2 })).resolves.toMatchObject({ nth: 0, connection: 0 })
})

test('what has no frames cannot be passed on as frames: both sides see the end', async () => {
  const path = await pathTo(await echo())
  const socket = await dial(path)
  socket.write(Buffer.alloc(8))
  await once(socket.resume(), 'end')
})

test('where nobody listens the dialler finds nobody', async () => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const address = gone.address()
  gone.close()
  await once(gone, 'close')
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const socket = await dial(await pathTo({ host: '127.0.0.1', port }))
  await expect(once(socket.resume(), 'end')).rejects.toMatchObject({ code: 'ECONNRESET' })
})

test('a recording of a path has both of its connections', async () => {
  const taken: string[] = []
  const path = await pathTo(await echo(), {
    tap: (_, dialled) => ({
      sent: bytes => void taken.push(`${dialled ? 'to the listener' : 'to the dialler'}: ${bytes.length}`),
      received: bytes => void taken.push(`${dialled ? 'from the listener' : 'from the dialler'}: ${bytes.length}`),
    }),
  })
  const socket = await dial(path)
  socket.end(frame(1, 'one'))
  await allOf(socket)
  expect(taken).toEqual(['from the dialler: 8', 'to the listener: 8', 'from the listener: 8', 'to the dialler: 8'])
})
