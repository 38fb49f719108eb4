import { connect, createServer, type Socket } from 'node:net'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expect, onTestFinished, test } from 'vitest'
import { openTestbed } from '../../dh-chat/test/support/chat-testbed.ts'

/** A path on which everything takes so long in each direction, in milliseconds. @returns its port */
function slowPath(target: () => Address, delay: number): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ ...target(), allowHalfOpen: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('data', chunk => setTimeout(() => to.writable && to.write(chunk), delay))
      from.on('end', () => setTimeout(() => to.end(), delay))
      from.on('error', () => to.destroy())
    }
  })
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return new Promise(resolve =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    }),
  )
}

/** Dials that many times a second, from the address of the honest callers; says hello, or nothing at all. */
function silentFlood(target: Address, perSecond: number): void {
  const hello = encodeFrame(HELLO.message({ protocol: 'peer-aes/1' }))
  let dials = 0
  const timer = setInterval(() => {
    const socket = connect(target)
    // Who is refused hears why, and hangs up.
    socket.on('error', () => socket.destroy()).on('end', () => socket.destroy())
    socket.resume()
    if (dials++ % 2 === 0) socket.write(hello)
  }, 1_000 / perSecond)
  onTestFinished(() => clearInterval(timer))
}

// A place becomes free each time a silent one has had its second, and the next to knock gets it: now and then alice does.
test('beside a hundred silent connections a second, a caller with a round trip of 300 ms gets through', async () => {
  const testbed = await openTestbed('aes-chat')
  let listen: Address | null = null
  const port = await slowPath(() => listen ?? { host: '127.0.0.1', port: 0 }, 150)
  const bob = await testbed.client('bob', '--advertise', String(port))
  listen = bob.listen
  silentFlood(listen, 100)
  const alice = testbed.start('alice', '--to', 'bob', '--wait', '60')
  alice.say('I got through')
  expect(await bob.next('message')).toMatchObject({ peer: 'alice', text: 'I got through' })
  expect(await alice.finish()).toBe(0)
  await bob.finish()
})
