import { once } from 'node:events'
import type { Socket } from 'node:net'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { expect, onTestFinished, test } from 'vitest'
import { registerAtTextbook } from '../../src/textbook/directory-client.ts'
import { startTextbookServer, type TextbookServer } from '../../src/textbook/directory-server.ts'
import { listenHere } from '@p2p-secure-chat/stage/own-network'

async function server(): Promise<TextbookServer> {
  const started = await startTextbookServer({ host: '127.0.0.1', port: 0 })
  onTestFinished(() => started.stop())
  return started
}

async function heard(socket: Socket): Promise<string> {
  const [bytes]: Buffer[] = await once(socket, 'data')
  return String(bytes)
}

/** Says and hears as a client of the original does, byte for byte. */
async function rawClient(directory: TextbookServer, name: string, port: number): Promise<Socket> {
  const socket = await dial(directory)
  expect(await heard(socket)).toBe('Enter your username:')
  socket.write(name)
  expect(await heard(socket)).toBe('Welcome! Please send your listening port.')
  socket.write(`LISTEN_PORT:${port}`)
  expect(await heard(socket)).toBe('Listening port registered.')
  return socket
}

test('the directory speaks as the textbook says, and sends every list twice', async () => {
  const directory = await server()
  const alice = await rawClient(directory, 'alice', 5_001)
  await rawClient(directory, 'bob', 5_002)
  const list = 'alice 127.0.0.1 5001\nbob 127.0.0.1 5002\n'
  alice.write('Get Users')
  let said = ''
  while (said.length < 2 * list.length) said += await heard(alice)
  expect(said).toBe(list + list)
  alice.write('EXIT')
  await once(alice.resume(), 'end')
})

test('two users may have one name: nobody checks', async () => {
  const directory = await server()
  await rawClient(directory, 'alice', 5_001)
  const other = await registerAtTextbook(directory, 'alice', 6_666)
  expect(await other.users()).toEqual(new Map([['alice', { host: '127.0.0.1', port: 6_666 }]]))
  other.exit()
})

test('who has left is in no list any more', async () => {
  const directory = await server()
  const bob = await rawClient(directory, 'bob', 5_002)
  const alice = await registerAtTextbook(directory, 'alice', 5_001)
  expect([...(await alice.users()).keys()]).toEqual(['bob', 'alice'])
  bob.end('EXIT')
  await once(bob.resume(), 'end')
  expect([...(await alice.users()).keys()]).toEqual(['alice'])
  alice.exit()
})

test('something else than a port ends the connection', async () => {
  const socket = await dial(await server())
  await heard(socket)
  socket.write('alice')
  await heard(socket)
  socket.write('5001')
  await once(socket.resume(), 'end')
})

test('a client notices that it talks with something else', async () => {
  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => void socket.end('HTTP/1.1 400'))
  onTestFinished(() => listener.stop())
  await expect(registerAtTextbook(listener, 'alice', 5_001)).rejects.toMatchObject({ code: 'wrong-protocol' })
})
