import type { Socket } from 'node:net'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { expect, onTestFinished, test } from 'vitest'
import { listenHere } from '../src/own-network.ts'
import { dialRaw, type RawClient } from '../src/raw-client.ts'

const hello = encodeFrame(HELLO.message({ protocol: 'calc/1' }))

/** A connection to a program that does this with it. */
async function connected(act: (socket: Socket) => void): Promise<RawClient> {
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, act)
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  const client = await dialRaw(listener)
  onTestFinished(() => client.destroy())
  return client
}

test('what comes is heard as bytes and as frames, and nothing is what does not come before the end', async () => {
  const client = await connected(socket => socket.end(Buffer.concat([hello, encodeFrame(refusal)])))
  expect((await client.firstBytes())?.[4]).toBe(HELLO.type)
  expect(await client.frame(HELLO.type)).toMatchObject({ type: HELLO.type })
  expect(await client.errorCode()).toBe('too-many')
  await client.ended()
  expect(await client.frame(0x7f)).toBeNull()
})

const refusal = errorMessage(new ChatError('too-many', 'full'))

test('who hangs up without a word has said nothing', async () => {
  const client = await connected(socket => socket.end())
  expect(await client.firstBytes()).toBeNull()
  expect(await client.errorCode()).toBeNull()
})

test('writing waits for who reads slowly, goes on when their own side has ended, and ends when nobody takes any more', async () => {
  let victim: Socket | undefined
  const client = await connected(socket => {
    victim = socket
    socket.end()
  })
  await client.ended()
  const much = new Uint8Array(2 ** 24)
  let settled = false
  const written = client.write(much).finally(() => {
    settled = true
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(settled).toBe(false)
  victim?.resume()
  expect(await written).toBe(true)
  victim?.destroy()
  while (await client.write(hello)) await new Promise(resolve => setImmediate(resolve))
})

test('it comes from the address of this machine that was asked for', async () => {
  const sources: (string | undefined)[] = []
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => {
    sources.push(socket.remoteAddress)
    socket.end()
  })
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  for (const from of ['127.0.0.2', undefined]) {
    const client = await dialRaw(listener, { from })
    onTestFinished(() => client.destroy())
    await client.ended()
  }
  expect(sources).toEqual(['127.0.0.2', '127.0.0.1'])
})
