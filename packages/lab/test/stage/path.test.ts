import { once } from 'node:events'
import { createServer } from 'node:net'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { expect, onTestFinished, test } from 'vitest'
import { openPath } from '../../src/stage/path.ts'

test('a path passes every byte on unchanged, both ways and to the end, and keeps a copy', async () => {
  const echo = createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  onTestFinished(() => void echo.close())
  const address = echo.address()
  const path = await openPath({ unit: 'segment' })
  onTestFinished(() => path.stop())
  path.forwardTo({ host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 })

  const socket = await dial(path)
  const sent = Buffer.alloc(300_000, 'some bytes ')
  socket.end(sent)
  const received: Buffer[] = []
  for await (const chunk of socket) received.push(chunk)

  expect(Buffer.concat(received).equals(sent)).toBe(true)
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
