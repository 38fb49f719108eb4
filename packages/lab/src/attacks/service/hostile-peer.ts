import type { Socket } from 'node:net'
import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { plainUpgrade } from '@p2p-secure-chat/basic-p2p/plain-upgrade'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { randomBytes } from '@p2p-secure-chat/core/cipher/random-pool'
import { namedGroup } from '@p2p-secure-chat/core/dh/groups'
import { generateKeyPair, publicValueToBytes } from '@p2p-secure-chat/core/dh/key-pair'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { encodeFrame } from '@p2p-secure-chat/core/wire/frame'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { defaultGroups } from '@p2p-secure-chat/dh-chat/group/chosen-groups'
import { NONCE_BYTES, OFFER } from '@p2p-secure-chat/dh-chat/messages'
import { dialHere, listenHere } from '@p2p-secure-chat/stage/own-network'
import type { Testbed } from '@p2p-secure-chat/stage/testbed'
import { type FramedRung, protocolOf, type SecureRung } from '../../rungs.ts'
import type { Scene } from '../attack.ts'
import { strangersUpgrade } from '@p2p-secure-chat/stage/stranger'

/**
 * Addresses of this machine from which mallory dials. Programs that count visitors by address count each address of
 * loopback alone, so to them she does not come from where alice, bob and carol are, who have 127.0.0.1.
 */
export const MALLORYS_ADDRESSES = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'] as const

/** The first of them, for when one is enough. */
export const [MALLORYS_ADDRESS] = MALLORYS_ADDRESSES

/** How mallory begins a conversation at a rung, under whatever name. */
export function upgradeOf(rung: FramedRung, name: string): Upgrade {
  if (rung === 'basic') return plainUpgrade(name)
  return strangersUpgrade(name, { protocol: protocolOf(rung), groups: defaultGroups() })
}

/**
 * Mallory takes the calls of others with a program of her own: her name stands in the directory, and behind it is no
 * client. All ends with the scene.
 *
 * @param names what she calls herself, one name for each call
 * @param converse speaks with who called, once the conversation is open; not called where her name was refused
 * @returns settles when as many calls are over as there are names
 */
export async function hostilePeer(
  { tap, afterwards }: Scene,
  testbed: Testbed,
  rung: FramedRung,
  names: readonly string[],
  converse: (channel: Channel) => Promise<void>,
): Promise<{ readonly over: Promise<void> }> {
  const waiting = [...names]
  let finish = () => {}
  const over = new Promise<void>(resolve => {
    finish = resolve
  })
  async function take(socket: Socket): Promise<void> {
    const name = waiting.shift() ?? ''
    try {
      const { channel } = await establish(socket, {
        role: 'responder',
        upgrade: upgradeOf(rung, name),
        expected: null,
        tap,
      })
      await expectMessage(channel, CALL.type)
      await channel.send(ACCEPT.message({ conversation: conversationId() }))
      await converse(channel)
    } catch (error) {
      // The victim refuses her, or has had enough of her.
      rethrowUnless(error)
    }
    if (waiting.length === 0) finish()
  }

  const listener = await listenHere({ host: '127.0.0.1', port: 0 }, socket => void take(socket))
  afterwards(() => {
    listener.stop()
    listener.destroyAll()
  })
  // A client of ours registers in her name, and tells the directory where her own program listens.
  await testbed.startClient('mallory', { flags: ['--advertise', String(listener.port)] })
  return { over }
}

/**
 * Mallory calls a victim that accepts every call, with a program of her own that is not a client. The connection ends with the
 * scene.
 *
 * @returns the open conversation
 * @throws {ChatError} when her call is refused
 */
export async function callAsMallory({ tap, afterwards }: Scene, rung: FramedRung, callee: Address): Promise<Channel> {
  const socket = await dialHere(callee, MALLORYS_ADDRESS)
  afterwards(() => void socket.destroy())
  const { channel } = await establish(socket, {
    role: 'initiator',
    upgrade: upgradeOf(rung, 'mallory'),
    expected: null,
    tap,
  })
  await channel.send(CALL.message({ conversation: conversationId() }))
  await expectMessage(channel, ACCEPT.type)
  return channel
}

/**
 * Hello and OFFER in one group, as bytes. Each time they are sent they make the callee compute; mallory, who sends the same
 * ones again and hangs up on every answer, has computed once.
 */
export function strangersOffer(rung: SecureRung, group: string): Uint8Array {
  const offered = namedGroup(group)
  const value = publicValueToBytes(offered, generateKeyPair(offered).publicKey)
  const offer = OFFER.message({
    groups: [group],
    group,
    public: Buffer.from(value).toString('hex'),
    nonce: Buffer.from(randomBytes(NONCE_BYTES)).toString('hex'),
  })
  return Buffer.concat([HELLO.message({ protocol: protocolOf(rung) }), offer].map(encodeFrame))
}
