import { conversationId } from '@p2p-secure-chat/basic-p2p/chat/conversation'
import { establish } from '@p2p-secure-chat/basic-p2p/chat/establish'
import type { Address } from '@p2p-secure-chat/core/net/address'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { expectMessage } from '@p2p-secure-chat/core/wire/error-message'
import { ACCEPT, CALL } from '@p2p-secure-chat/basic-p2p/messages/conversation'
import { dialHere } from '@p2p-secure-chat/stage/own-network'
import type { FramedRung } from '../../rungs.ts'
import type { Scene } from '../attack.ts'
import { upgradeOf } from './hostile-peer.ts'
import { MALLORYS_ADDRESS } from './mallorys-addresses.ts'

/**
 * Mallory calls somebody who takes every call, with a program of her own that is no client. The connection ends with the
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
