import type { Socket } from 'node:net'
import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import { plainUpgrade } from '@p2p-secure-chat/basic-p2p/plain-upgrade'
import { rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import type { Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { defaultGroups } from '@p2p-secure-chat/dh-chat/group/chosen-groups'
import { listenHere } from '@p2p-secure-chat/stage/own-network'
import { type FramedRung, protocolOf } from '../../rungs.ts'
import { strangersUpgrade } from '../stranger.ts'
import type { Town } from '@p2p-secure-chat/stage/town'
import type { Scene } from '../attack.ts'

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
  town: Town,
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
  await town.settle('mallory', { flags: ['--advertise', String(listener.port)] })
  return { over }
}
