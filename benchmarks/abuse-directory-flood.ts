import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeFrame, frameDecoder, type Message } from '@p2p-secure-chat/core/wire/frame'
import { LOOKUP, REGISTER, REGISTERED, WATCH, WHO } from '@p2p-secure-chat/basic-p2p/messages/directory'
import { HELLO, KEEPALIVE } from '@p2p-secure-chat/core/wire/common-messages'
import { KEEPALIVE_IDLE } from '@p2p-secure-chat/core/wire/keepalive'

/** What may come, and more than ever does. */
const ANYTHING = new Map(Array.from({ length: 256 }, (_, type) => [type, 1 << 20]))

/** Bytes that are written at once: more than the directory reads. */
const BURST = 2 ** 18

const words = Array.from({ length: 1_300 }, (_, i) => `"${(i * 7_919).toString(36)}":1`).join(',')
const keepalive: Message = { type: KEEPALIVE.type, body: new Uint8Array(0) }
const who = WHO.message({ id: 1, prefix: '', after: '', limit: 200 })

/** What somebody may ask a directory without end. */
export const FLOODS: Readonly<Record<string, Message>> = {
  'pages of 200 names': who,
  'look-ups': lookUp('user7'),
  '256 names to watch': WATCH.message({ names: Array.from({ length: 256 }, (_, i) => `user${i}`) }),
  keepalives: keepalive,
  'JSON that is slow to read': { type: LOOKUP.type, body: Buffer.from(`{"id":1,"name":"user7",${words}}`) },
}

export function lookUp(name: string): Message {
  return LOOKUP.message({ id: 1, name })
}

/** A user of the directory at that port, who leaves with this process. */
export async function register(port: number, name: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  await once(socket, 'connect')
  // The directory ends before some of its users.
  socket.on('error', () => socket.destroy())
  const said = [HELLO.message({ protocol: 'directory/1', rung: 'peer-basic/1' }), REGISTER.message({ name, port: 1 })]
  socket.write(Buffer.concat(said.map(encodeFrame)))
  const decoder = frameDecoder(ANYTHING)
  let done = false
  while (!done) {
    const [chunk]: Buffer[] = await once(socket, 'data')
    decoder.push(chunk ?? Buffer.alloc(0), ({ type }) => (done ||= type === REGISTERED.type))
  }
  return socket
}

/** Stays, as a user does. */
export function keepAlive(socket: Socket): void {
  const timer = setInterval(() => socket.write(encodeFrame(keepalive)), KEEPALIVE_IDLE).unref()
  socket.resume().once('close', () => clearInterval(timer))
}

/** Asks over and over. */
export function flood(socket: Socket, message: Message): void {
  const frame = encodeFrame(message)
  const burst = Buffer.concat(Array.from({ length: Math.ceil(BURST / frame.length) }, () => frame))
  const again = (error?: Error | null) => void (error == null && socket.write(burst, again))
  again()
}

// As a process of its own, so that it does not slow down the one who measures: PORT, what to ask, how many do so.
const [port, what = '', count] = process.argv.slice(2)
const message = FLOODS[what]
if (process.send !== undefined && message !== undefined) {
  for (let i = 0; i < Number(count); i++) {
    const socket = await register(Number(port), `mallory${process.pid}-${i}`)
    flood(socket.resume(), message)
  }
  process.send('begun')
  process.on('disconnect', () => process.exit())
}
