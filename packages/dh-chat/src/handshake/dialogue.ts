import { ChatError, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { readError } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { ERROR } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { ANSWER, IDENTITY } from '../messages.ts'

/** Codes that need no attack: the other side is full, or one of us was too slow. A forger could just as well cut. */
const HARMLESS: readonly ErrorCode[] = ['too-many', 'timeout']

/**
 * One line of a script that both sides follow: the speaker composes and sends the message, the other side receives it.
 * Then both have the same message and go on to the next line.
 *
 * @param speaker the side whose turn it is
 * @param types the message types that are valid here
 * @param compose makes the message; called only on the speaker's side
 * @returns the message as it crossed the wire
 * @throws {ChatError} `too-many` and `timeout` when the other side reports them, `no-common-group` when it reports that
 * instead of ANSWER, `handshake-failed` for any other ERROR of its, `unexpected-message` for another type, `cut` when it
 * leaves; and what `compose` and the channel throw
 */
export type DialogueTurn = (speaker: Role, types: readonly number[], compose: () => Message) => Promise<Message>

/**
 * @param role our side; it lets one script serve both
 * @param whenRefused the hint for when the other side refuses us after it has seen our key
 */
export function dialogue(channel: Channel, role: Role, whenRefused?: string): DialogueTurn {
  let introduced = false

  /** A peer never says why it refuses. Right after our IDENTITY, the likely reason is our key. */
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
    throw new ChatError(
      'unexpected-message',
      `a message of type 0x${message.type.toString(16)} arrived in the middle of the handshake`,
    )
  }
}
