import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import * as tcp from 'node:net'
import { join } from 'node:path'
import * as tls from 'node:tls'
import { PEER_AES } from '@p2p-secure-chat/aes-chat/messages'
import { sealedRecords } from '@p2p-secure-chat/aes-chat/sealed-records'
import { TEXT } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { FILE_CHUNK } from '@p2p-secure-chat/basic-p2p/messages/files'
import { clock } from '@p2p-secure-chat/core/net/patience'
import { socketChannel } from '@p2p-secure-chat/core/net/socket-channel'
import { type Channel, ROOM } from '@p2p-secure-chat/core/wire/channel'
import { withGoodbye } from '@p2p-secure-chat/core/wire/goodbye'
import { withKeepalive } from '@p2p-secure-chat/core/wire/keepalive'
import { limitsOf } from '@p2p-secure-chat/core/wire/message-type'
import { recordChannel } from '@p2p-secure-chat/core/wire/record-channel'

// One end of a connection that carries messages one way, or one there and back. Argument: the folder with the certificate.

const [folder = ''] = process.argv.slice(2)

export type Stack = 'aes-chat' | 'DHE-CBC' | 'TLS 1.3'

/** Without a port: listens. With a port: sends there. */
export interface Task {
  readonly stack: Stack
  readonly port?: number
  /** Messages of that many bytes. */
  readonly count: number
  readonly size: number
  /** Whether each waits for the answer to the one before it. */
  readonly pingPong: boolean
}

/** Ends a task: the one answer to many messages, or to each. */
const ANSWER = Buffer.alloc(64, 'y')

/** Bytes of frames that leave in one write through TLS. */
const BATCH = 64 * 1_024

/** Bytes of a frame in front of its body, for TLS as for us. */
const HEADER_BYTES = 5

process.on('message', (task: Task) => {
  void (task.port === undefined ? listen(task) : send(task, task.port)).then(result => process.send?.(result))
})

/** @returns the port */
async function listen(task: Task): Promise<number> {
  const server =
    task.stack === 'aes-chat'
      ? tcp.createServer(socket => void receiveOurs(sealed(socket, 1), task))
      : tls.createServer({ ...certificate(), ...tlsOptions(task.stack) }, socket => receiveTls(socket, task))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** @returns messages per second, until the other side has the last one */
async function send(task: Task, port: number): Promise<number> {
  const { stack, count } = task
  const where = { host: '127.0.0.1', port }
  if (stack === 'aes-chat') {
    const socket = tcp.connect(where)
    await once(socket, 'connect')
    const channel = sealed(socket, 0)
    const begun = performance.now()
    await sendOurs(channel, task)
    const rate = (1_000 * count) / (performance.now() - begun)
    socket.destroy()
    return rate
  }
  const socket = tls.connect({ ...where, ...tlsOptions(stack), rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.setNoDelay(true)
  const begun = performance.now()
  await sendTls(socket, task)
  const rate = (1_000 * count) / (performance.now() - begun)
  socket.destroy()
  return rate
}

const certificate = () => ({
  cert: readFileSync(join(folder, 'localhost.crt')),
  key: readFileSync(join(folder, 'localhost.key')),
})

function tlsOptions(stack: Stack) {
  if (stack === 'TLS 1.3') return { minVersion: 'TLSv1.3' as const }
  return { ciphers: 'DHE-RSA-AES256-SHA256', maxVersion: 'TLSv1.2' as const, dhparam: 'auto' as const }
}

/** The stack of a conversation, under secrets that both ends know: only what comes after the handshake is measured. */
function sealed(socket: tcp.Socket, direction: 0 | 1): Channel {
  const secrets = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const
  const protection = sealedRecords({
    sendSecret: secrets[direction],
    receiveSecret: secrets[direction === 0 ? 1 : 0],
    sendDirection: direction,
  })
  socket.setNoDelay(true)
  const raw = socketChannel(socket, limitsOf(PEER_AES.wire))
  return withKeepalive(withGoodbye(recordChannel(raw, protection, limitsOf(PEER_AES.records ?? []))), clock)
}

/** The type of a message of that size: the smallest one that carries it. */
const typeFor = (size: number) => (size <= 16_384 ? TEXT.type : FILE_CHUNK.type)

async function receiveOurs(channel: Channel, { count, pingPong }: Task): Promise<void> {
  for (let received = 1; received <= count; received++) {
    if ((channel.poll() ?? (await channel.receive())) === null) return
    if (pingPong || received === count) void channel.send({ type: TEXT.type, body: ANSWER })
  }
  await channel.receive().catch(() => null)
}

async function sendOurs(channel: Channel, { count, size, pingPong }: Task): Promise<void> {
  const type = typeFor(size)
  for (let i = 0; i < count; i++) {
    const sent = channel.send({ type, body: new Uint8Array(size) })
    if (pingPong) await channel.receive()
    else if (sent !== ROOM) await sent
  }
  if (!pingPong) await channel.receive()
}

/** Counts frames as they come; a header may be cut anywhere. */
function receiveTls(socket: tls.TLSSocket, { count, pingPong }: Task): void {
  let received = 0
  let rest: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + 4 + bytes.readUInt32BE(at)
      if (end > bytes.length) break
      const body = bytes.subarray(at + HEADER_BYTES, end)
      at = end
      received += body.length > 0 ? 1 : 0
      if (pingPong || received === count) socket.write(ANSWER)
    }
    rest = bytes.subarray(at)
  })
}

async function sendTls(socket: tls.TLSSocket, { count, size, pingPong }: Task): Promise<void> {
  const frameBytes = HEADER_BYTES + size
  const perWrite = pingPong ? 1 : Math.max(1, Math.floor(BATCH / frameBytes))
  let heard = 0
  let wake = () => {}
  socket.on('data', (chunk: Buffer) => {
    heard += chunk.length
    wake()
  })
  const answers = (all: number) =>
    heard >= all * ANSWER.length ? undefined : new Promise<void>(resolve => (wake = resolve))
  for (let sent = 0; sent < count; ) {
    const now = Math.min(perWrite, count - sent)
    const batch = Buffer.allocUnsafe(now * frameBytes)
    for (let at = 0; at < batch.length; at += frameBytes) {
      batch.writeUInt32BE(1 + size, at)
      batch.writeUInt8(typeFor(size), at + 4)
      batch.set(new Uint8Array(size), at + HEADER_BYTES)
    }
    sent += now
    const room = socket.write(batch)
    if (pingPong) while (heard < sent * ANSWER.length) await answers(sent)
    else if (!room) await once(socket, 'drain')
  }
  if (!pingPong) while (heard < ANSWER.length) await answers(1)
}

process.on('disconnect', () => process.exit())
