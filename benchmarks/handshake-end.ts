import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
  type SecureContextOptions,
} from 'node:tls'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { strangersUpgrade } from '@p2p-secure-chat/stage/stranger'
import type { Kind } from './handshake.ts'

// One end of all handshakes of the benchmark. Arguments: the role, and the folder with the certificates of both roles.

const [role = '', folder = ''] = process.argv.slice(2)
const other = role === 'initiator' ? 'responder' : 'initiator'

/** Without a port: answers handshakes of that kind from now on. With a port: makes one there. */
interface Task {
  readonly kind: Kind
  readonly port?: number
}

process.on('message', ({ kind, port }: Task) => {
  void (port === undefined ? answer(kind) : call(kind, port)).then(result => process.send?.(result))
})

const upgradeIn = (group: string) => strangersUpgrade(role, { protocol: 'peer-aes/1', groups: [namedGroup(group)] })

/** Takes the certificate of the other end and no other. */
function tlsIn(group: string): SecureContextOptions {
  const file = (name: string) => readFileSync(join(folder, name))
  const own = { cert: file(`${role}.crt`), key: file(`${role}.key`) }
  return { ...own, ca: file(`${other}.crt`), minVersion: 'TLSv1.3', ecdhCurve: group }
}

/** @returns the port */
async function answer({ stack, group }: Kind): Promise<number> {
  const server = stack === 'TLS 1.3' ? tlsServer(group) : chatServer(group)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A client is done before its own certificate was looked at (RFC 8446, section 4.4.4): a byte says that it was. */
function tlsServer(group: string): Server {
  return createTlsServer({ ...tlsIn(group), requestCert: true }, socket => {
    socket.on('error', () => socket.destroy())
    socket.end('!')
  })
}

function chatServer(group: string): Server {
  const upgrade = upgradeIn(group)
  async function attend(socket: Socket): Promise<void> {
    const { channel } = await establish(socket, { role: 'responder', upgrade, expected: null })
    await channel.receive()
    await channel.close()
  }
  return createServer({ allowHalfOpen: true, noDelay: true }, socket => void attend(socket))
}

/** @returns milliseconds */
async function call({ stack, group }: Kind, port: number): Promise<number> {
  const address = { host: '127.0.0.1', port }
  if (stack === 'TLS 1.3') {
    const secureContext = createSecureContext(tlsIn(group))
    const begun = performance.now()
    const socket = connectTls({ ...address, secureContext, checkServerIdentity: () => undefined })
    await once(socket, 'data')
    const taken = performance.now() - begun
    socket.destroy()
    return taken
  }
  const upgrade = upgradeIn(group)
  const begun = performance.now()
  const { channel } = await establish(await dial(address), { role: 'initiator', upgrade, expected: other })
  const taken = performance.now() - begun
  await channel.close()
  await channel.receive()
  return taken
}
