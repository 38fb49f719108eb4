import { once } from 'node:events'
import { createServer } from 'node:net'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { expect, onTestFinished, test } from 'vitest'
import { openTap } from '../../src/stage/tap.ts'

test('a tap passes every byte on unchanged, both ways and to the end, and keeps a copy', async () => {
  const echo = createServer({ allowHalfOpen: true }, socket => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  onTestFinished(() => void echo.close())
  const address = echo.address()
  const tap = await openTap()
  onTestFinished(() => tap.stop())
  tap.forwardTo({ host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 })

  const socket = await dial(tap)
  const sent = Buffer.alloc(300_000, 'some bytes ')
  socket.end(sent)
  const received: Buffer[] = []
  for await (const chunk of socket) received.push(chunk)

  expect(Buffer.concat(received).equals(sent)).toBe(true)
  for (const side of ['dialler', 'listener'] as const) {
    const copy = Buffer.concat(tap.tapped.filter(({ from }) => from === side).map(({ bytes }) => bytes))
    expect(copy.equals(sent)).toBe(true)
  }
})

test('a connection that comes before the tap knows its target is refused', async () => {
  const tap = await openTap()
  onTestFinished(() => tap.stop())
  const socket = await dial(tap)
  await once(socket.resume(), 'end')
  expect(tap.tapped).toEqual([])
})
