import { randomBytes } from 'node:crypto'
import { ChatError, rethrowUnless } from '@p2p-secure-chat/core/errors'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import { errorMessage } from '@p2p-secure-chat/core/wire/error-message'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { HELLO } from '@p2p-secure-chat/core/wire/common-messages'
import type { Role } from '@p2p-secure-chat/core/wire/upgrade'
import { channelPair } from '../../../core/test/support/channel-pair.ts'
import { type Handshake, type HandshakeOptions, handshake } from '../../src/handshake/handshake.ts'
import { alice, bob } from './people.ts'
import { testGroup } from './test-group.ts'

/** How a side came out: with what it learnt, or with its error. */
export type Outcome = Handshake | ChatError

export interface Run extends Readonly<Record<Role, Outcome>> {
  /** What each side sent until it was done, in order. */
  readonly sent: readonly { readonly from: Role; readonly message: Message }[]
}

/** Alice calls bob; whatever a test does not choose is ordinary. */
export function optionsFor(role: Role, changes: Partial<HandshakeOptions> = {}): HandshakeOptions {
  const hello = HELLO.message({ protocol: changes.protocol ?? 'peer-dh/1' })
  return {
    protocol: 'peer-dh/1',
    role,
    hellos: { initiator: hello, responder: hello },
    expected: role === 'initiator' ? 'bob' : null,
    identity: role === 'initiator' ? alice : bob,
    groups: [testGroup],
    trust: () => Promise.resolve(),
    random: randomBytes,
    ...changes,
  }
}

/** Runs one side as a caller does: who fails says so, unless the other side said it, and leaves. */
export async function outcomeOf(channel: Channel, options: HandshakeOptions): Promise<Outcome> {
  try {
    return await handshake(channel, options)
  } catch (error) {
    rethrowUnless(error)
    if (!error.reported) await channel.send(errorMessage(error)).catch(() => undefined)
    channel.abort(error)
    return error
  }
}

/**
 * Runs both sides.
 *
 * @param interfere what somebody on the path makes of a message; by default nothing
 */
export async function runHandshake(
  initiator: Partial<HandshakeOptions> = {},
  responder: Partial<HandshakeOptions> = {},
  setTamper: (message: Message, from: Role) => readonly Message[] = message => [message],
): Promise<Run> {
  const sent: { from: Role; message: Message }[] = []
  const path = (from: Role) => (message: Message) => {
    sent.push({ from, message })
    return setTamper(message, from)
  }
  const [one, other] = channelPair(path('initiator'), path('responder'))
  const [first, second] = await Promise.all([
    outcomeOf(one, optionsFor('initiator', initiator)),
    outcomeOf(other, optionsFor('responder', responder)),
  ])
  return { initiator: first, responder: second, sent }
}

/** The code of an outcome, `done` where there is no error. */
export function codeOf(outcome: Outcome): string {
  return outcome instanceof ChatError ? outcome.code : 'done'
}

export function codesOf({ initiator, responder }: Run): Record<Role, string> {
  return { initiator: codeOf(initiator), responder: codeOf(responder) }
}

/** What a side has that came through. */
export function done(outcome: Outcome): Handshake {
  if (outcome instanceof ChatError) throw outcome
  return outcome
}
