import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'

// One end of a TLS connection that carries short texts. Argument: the folder with the certificate.

const [folder = ''] = process.argv.slice(2)

/** Without a port: listens. With a port: sends texts there. */
interface Task {
  readonly port?: number
  readonly texts: number
  readonly size: number
}

process.on('message', ({ port, texts, size }: Task) => {
  void (port === undefined ? listen() : send(port, texts, size)).then(result => process.send?.(result))
})

/** Bytes in front of a text, as in a frame and a number, and of the receipt for all that came at once. */
const HEADER_BYTES = 13
const RECEIPT_BYTES = 13

/** Bytes of texts that leave in one write. */
const BATCH = 64 * 1_024

const ciphers = 'DHE-RSA-AES256-SHA256'

/** @returns the port */
async function listen(): Promise<number> {
  const file = (name: string) => readFileSync(join(folder, name))
  const keys = { cert: file('localhost.crt'), key: file('localhost.key') }
  const server = createServer({ ...keys, ciphers, maxVersion: 'TLSv1.2', dhparam: 'auto' }, acknowledge)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The receipt says how many bytes have come. */
function acknowledge(socket: TLSSocket): void {
  let bytes = 0
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    const receipt = Buffer.alloc(RECEIPT_BYTES)
    receipt.writeDoubleBE(bytes)
    socket.write(receipt)
  })
}

/** @returns texts per second, until the last one is acknowledged */
async function send(port: number, texts: number, size: number): Promise<number> {
  const socket = connect({ host: '127.0.0.1', port, ciphers, maxVersion: 'TLSv1.2', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const text = Buffer.alloc(HEADER_BYTES + size, 'x')
  const total = texts * text.length
  const acknowledged = new Promise<void>(resolve => {
    let heard = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      heard = Buffer.concat([heard, chunk])
      while (heard.length >= RECEIPT_BYTES) {
        if (heard.readDoubleBE() === total) resolve()
        heard = heard.subarray(RECEIPT_BYTES)
      }
    })
  })
  const begun = performance.now()
  for (let left = texts; left > 0; ) {
    const count = Math.min(left, Math.floor(BATCH / text.length))
    const batch = Buffer.allocUnsafe(count * text.length)
    for (let i = 0; i < count; i++) batch.set(text, i * text.length)
    left -= count
    if (!socket.write(batch)) await once(socket, 'drain')
  }
  await acknowledged
  const seconds = (performance.now() - begun) / 1_000
  socket.destroy()
  return texts / seconds
}
