import { createDecipheriv, createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { expect, onTestFinished, test } from 'vitest'
import { beginChat, type TextbookOptions } from '../../src/textbook/chat.ts'
import { listenHere } from '@p2p-secure-chat/stage/own-network'

/** Two ends of one connection. */
async function connection(): Promise<readonly [Socket, Socket]> {
  const taken: PromiseWithResolvers<Socket> = withResolvers()
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, taken.resolve)
  onTestFinished(() => {
    listener.stop()
    listener.destroyAll()
  })
  return [await dial(listener), await taken.promise]
}

async function heard(socket: Socket): Promise<Buffer> {
  const [bytes]: Buffer[] = await once(socket, 'data')
  if (bytes === undefined) throw new Error('nothing was heard')
  return bytes
}

/** A peer of ours, and a socket in the hands of the test that has sent its public value: 19, of the exponent 15. */
async function chatWith(options: TextbookOptions) {
  const [raw, ours] = await connection()
  const begun = beginChat(ours, options)
  const publicValue = String(await heard(raw))
  raw.write('19')
  return { raw, publicValue, chat: await begun }
}

test('each side begins with its public value in decimal, modulo 23 with the generator 5', async () => {
  const { publicValue, chat } = await chatWith({ step: 'plain', exponent: 6n })
  expect(publicValue).toBe('8')
  expect(chat.secret).toBe(2n)
})

test('in the third step texts cross as they are, and EOM ends the chat', async () => {
  const { raw, chat } = await chatWith({ step: 'plain', exponent: 6n })
  chat.say('hello 🔑')
  expect(String(await heard(raw))).toBe('hello 🔑')
  raw.write('and hello')
  expect(await chat.hear()).toBe('and hello')
  raw.write('EOM')
  expect(await chat.hear()).toBeNull()
  chat.end()
  chat.end()
  expect(String(await heard(raw))).toBe('EOM')
  await once(raw.resume(), 'end')
})

test('in the fourth step a text is IV and AES-256-CBC under the SHA-256 of the secret in decimal', async () => {
  const { raw, chat } = await chatWith({ step: 'aes', exponent: 6n })
  chat.say('meet me at nine')
  const record = await heard(raw)
  expect(record).toHaveLength(32)
  const key = createHash('sha256').update('2').digest()
  const decipher = createDecipheriv('aes-256-cbc', key, record.subarray(0, 16))
  expect(String(Buffer.concat([decipher.update(record.subarray(16)), decipher.final()]))).toBe('meet me at nine')
  // What it sent is as good as what the other side sends: nothing says who wrote a record.
  raw.write(record)
  expect(await chat.hear()).toBe('meet me at nine')
})

test('two peers talk in a group of the lesson, whichever dials', async () => {
  const sockets = await connection()
  const options: TextbookOptions = { step: 'aes', group: { p: 1_000_003n, g: 2n } }
  const [alice, bob] = await Promise.all(sockets.map(socket => beginChat(socket, options)))
  expect(alice?.secret).toBe(bob?.secret)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ]) {
    one?.say('hello')
    expect(await other?.hear()).toBe('hello')
  }
})

test('who sends no number first is no peer, and a record with wrong padding is refused', async () => {
  const [raw, ours] = await connection()
  const begun = beginChat(ours, { step: 'plain' })
  raw.write('hello')
  await expect(begun).rejects.toMatchObject({ code: 'wrong-protocol' })

  const sealed = await chatWith({ step: 'aes', exponent: 6n })
  sealed.raw.write(new Uint8Array(47))
  await expect(sealed.chat.hear()).rejects.toMatchObject({ code: 'bad-record' })
})

test('a peer that is gone has nothing more to say', async () => {
  const { raw, chat } = await chatWith({ step: 'plain' })
  raw.destroy()
  expect(await chat.hear()).toBeNull()
})

interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
}

function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>(startClient => {
    resolve = startClient
  })
  return { promise, resolve }
}
