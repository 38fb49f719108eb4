import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { ANSWER, IDENTITY } from '../messages.ts'

/** What no attack is needed for: the other side has no place, or one of us was too slow. A forger could as well cut. */
const HARMLESS: readonly ErrorCode[] = ['too-many', 'timeout']

/**
 * One line of a script that both sides read: whose turn it is composes the message and sends it, the other side waits
 * for it. Either way both now have the same message, and go on to the next line.
 *
 * @param speaker whose turn it is
 * @param types the message types that fit here
 * @param compose makes the message; called on the speaker's side only
 * @returns the message as it crossed the wire
 * @throws {ChatError} `too-many` and `timeout` when the other side says so, `no-common-group` when it does in the place of ANSWER,
 * `handshake-failed` when it refuses with any other ERROR, `unexpected-message` for another type, `cut` when the other
 * side leaves; what `compose` and the channel throw
 */
export type Turn = (speaker: Role, types: readonly number[], compose: () => Message) => Promise<Message>

/**
 * @param role the side we are: it makes one script serve both
 * @param whenRefused what to do where the other side refuses us once it has seen our key
 */
export function dialogue(channel: Channel, role: Role, whenRefused?: string): Turn {
  let introduced = false

  /** A peer never says why it refuses. Where our key is the news, that is likely what it did not like. */
  function hintFor({ code }: ChatError): { hint: string } | null {
    return introduced && code === 'bad-message' && whenRefused !== undefined ? { hint: whenRefused } : null
  }

  return async (speaker, types, compose) => {
    if (speaker === role) {
      const message = compose()
      await channel.send(message)
      if (message.type === IDENTITY.type) introduced = true
      return message
    }
    const message = await channel.receive()
    if (message === null) throw new ChatError('cut', 'the other side left in the middle of the handshake')
    if (types.includes(message.type)) return message
    if (message.type === ERROR.type) {
      const { error } = readError(message.body)
      if (HARMLESS.includes(error.code) || (error.code === 'no-common-group' && types.includes(ANSWER.type)))
        throw error
      throw new ChatError('handshake-failed', `the other side refused the handshake: ${error.message}`, {
        cause: error,
        ...hintFor(error),
      })
    }
    throw new ChatError('unexpected-message', `type 0x${message.type.toString(16)} came in the middle of the handshake`)
  }
}
