import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { generateKeyPair, publicValueToBytes } from '@p2p-secure-chat/core/dh/key-pair'
import { dial } from '@p2p-secure-chat/core/net/dial'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { strangersUpgrade } from '@p2p-secure-chat/stage/stranger'
import { median, openTestbed, processorTime } from './programs.ts'

/** How long each flood lasts, in seconds: after the burst of a budget, its rate must show. */
const SECONDS = 20

/** Connections that mallory has at once, for each of her addresses up to sixteen of them. */
const AT_ONCE = 12

/** Where mallory is, on the same machine and in a network of her own; alice has another one. */
const MALLORY = ['127.0.0.2']

/** Where she has completed a handshake. */
const SEEN = ['127.0.0.3']

/** A hundred addresses, which have nothing in common. */
const EVERYWHERE = Array.from({ length: 100 }, (_, i) => `127.0.1.${i + 1}`)

/** What one stranger can cost a client, and how long an honest caller's call takes beside it; a row for each flood. */
export async function handshakeFloods(): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-abuse-'))
  const testbed = await openTestbed(folder)
  try {
    const bob = await testbed.person('bob', '--accept', 'all')
    const alice = await testbed.person('alice')

    async function call(): Promise<number> {
      const begun = performance.now()
      alice.say('/chat bob')
      await alice.next({ event: 'open' })
      const taken = performance.now() - begun
      alice.say('/leave')
      await alice.next({ event: 'closed' })
      return taken
    }

    async function beside(name: string, words: Uint8Array | null, from = MALLORY): Promise<string[]> {
      let over = false
      const calls: number[] = []
      const [before, begun] = [processorTime(bob.child), performance.now()]
      const flooding = words === null ? Promise.resolve(0) : pour({ port: bob.port, words, from }, () => over)
      let seconds: number
      let cost: number
      try {
        while (performance.now() - begun < SECONDS * 1_000) {
          calls.push(await call())
          await sleep(500)
        }
      } finally {
        seconds = (performance.now() - begun) / 1_000
        cost = (processorTime(bob.child) - before) / seconds
        over = true
      }
      const rate = (await flooding) / seconds
      return [name, `${cost.toFixed(0)} ms/s`, `${rate.toFixed(1)}/s`, `${median(calls).toFixed(0)} ms`]
    }

    await call()
    await proveOnce(bob.port)
    return [
      await beside('nothing', null),
      await beside('OFFERs in ffdhe2048', offer('ffdhe2048')),
      await beside('OFFERs in ffdhe4096', offer('ffdhe4096')),
      await beside('OFFERs in modp18, which is not taken', offer('modp18')),
      await beside('the same in ffdhe4096, where she has completed a handshake', offer('ffdhe4096'), SEEN),
      await beside('the same in ffdhe4096, from 100 addresses', offer('ffdhe4096'), EVERYWHERE),
      await beside('hellos and silence', hello()),
      await beside('hellos and silence, from 100 addresses', hello(), EVERYWHERE),
      await beside('connections that say nonsense', Buffer.from('GET / HTTP/1.1\r\n\r\n')),
    ]
  } finally {
    await testbed.end()
    rmSync(folder, { recursive: true, force: true })
  }
}

const hello = () => encodeFrame(HELLO.message({ protocol: 'peer-aes/1' }))

/** What a stranger sends who asks for an exponentiation: made once, good for every connection. */
function offer(name: string): Uint8Array {
  const group = namedGroup(name)
  const value = publicValueToBytes(group, generateKeyPair(group).publicKey)
  const message = OFFER.message({
    groups: [name],
    group: name,
    public: Buffer.from(value).toString('hex'),
    nonce: randomBytes(32).toString('hex'),
  })
  return Buffer.concat([hello(), encodeFrame(message)])
}

/** Mallory shows a key of hers, so that her network is one from which somebody was served. */
async function proveOnce(port: number): Promise<void> {
  const upgrade = strangersUpgrade('mallory', { protocol: 'peer-aes/1', groups: [namedGroup('ffdhe3072')] })
  const socket = await dial({ host: '127.0.0.1', port }, { localAddress: SEEN[0] })
  const { channel } = await establish(socket, { role: 'initiator', upgrade, expected: 'bob' })
  await channel.close()
  socket.destroy()
}

interface Flood {
  readonly port: number
  readonly words: Uint8Array
  readonly from: readonly string[]
}

/** Connects over and over, says the same, and hangs up when anything beyond a hello is answered. @returns how often */
async function pour({ port, words, from }: Flood, over: () => boolean): Promise<number> {
  let times = 0
  const open = new Set<Socket>()
  async function one(localAddress: string): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true })
    open.add(socket)
    let heard = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', (data: Buffer) => {
      heard += data.length
      // Its own hello is shorter.
      if (heard > 64) socket.destroy()
    })
    socket.on('end', () => socket.destroy())
    socket.write(words)
    await once(socket, 'close')
    open.delete(socket)
    times += 1
  }
  const flooders = Array.from({ length: AT_ONCE * Math.min(16, from.length) }, async (_, i) => {
    while (!over()) await one(from[i % from.length] ?? '')
  })
  while (!over()) await sleep(100)
  for (const socket of open) socket.destroy()
  await Promise.all(flooders)
  return times
}
