import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Group } from '@p2p-secure-chat/core/dh/groups'
import {
  generateKeyPair,
  type KeyPair,
  publicValueFromBytes,
  publicValueToBytes,
  sharedSecret,
} from '@p2p-secure-chat/core/dh/key-pair'
import type { RandomSource } from '@p2p-secure-chat/core/cipher/random-pool'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Message } from '@p2p-secure-chat/core/wire/frame'
import { type Guard, UNGUARDED } from '@p2p-secure-chat/core/wire/upgrade'
import type { DialogueTurn } from './dialogue.ts'
import type { Transcript } from './transcript.ts'
import { ANSWER, NONCE_BYTES, type Offer, OFFER, OFFERED_GROUPS, type Retry, RETRY } from '../messages.ts'

export interface KeyAgreementOptions {
  /** The groups to accept, the best first, 1 to 16. */
  readonly groups: readonly Group[]
  readonly random: RandomSource
  /** Limits the cost that an initiator can impose on a responder. */
  readonly guard?: Guard | undefined
}

/** The state after ANSWER: a secret shared with one other side, which is not authenticated yet. */
export interface Agreement {
  readonly group: Group
  /** The secret as bytes of exactly the length of p. */
  readonly shared: Uint8Array
  /** T1: everything up to ANSWER. */
  readonly transcript: Transcript
}

/**
 * The Diffie-Hellman part of the handshake: OFFER, if necessary RETRY and a second OFFER, then ANSWER. Both sides read
 * every message, including their own, and so reach the same view of the agreement.
 *
 * @param start the transcript of the hellos
 * @throws {ChatError} `no-common-group`, `bad-public-value`, `bad-message`, and what `turn` throws
 */
export async function agreeOnSecret(
  turn: DialogueTurn,
  start: Transcript,
  options: KeyAgreementOptions,
): Promise<Agreement> {
  const { groups, random, guard = UNGUARDED } = options
  const nonce = Buffer.from(random(NONCE_BYTES)).toString('hex')
  const ownPair = onePairPerGroup(random)
  let theirs: bigint | null = null

  function publicIn(group: Group): string {
    return Buffer.from(publicValueToBytes(group, ownPair(group).publicKey)).toString('hex')
  }

  function offerOf(group: Group | undefined): Message {
    const names = groups.map(({ name }) => name)
    if (group === undefined || names.length > OFFERED_GROUPS || new Set(names).size < names.length) {
      throw new RangeError(`1 to ${OFFERED_GROUPS} groups can be offered, each once, not ${names.join(', ')}`)
    }
    return OFFER.message({ groups: names, group: group.name, public: publicIn(group), nonce })
  }

  /** The caller has proved nothing yet: its public value is checked before anything is computed or answered. */
  function replyTo(offer: Offer): Message {
    const group = groups.find(({ name }) => offer.groups.includes(name))
    if (group === undefined) {
      throw new ChatError('no-common-group', `none of the offered groups is acceptable: ${offer.groups.join(', ')}`)
    }
    if (group.name !== offer.group) {
      guard.awaits('offer')
      return RETRY.message({ group: group.name })
    }
    return guard.charge(() => {
      theirs = publicFrom(group, offer.public)
      return ANSWER.message({ group: group.name, public: publicIn(group), nonce })
    })
  }

  const offered = await turn('initiator', [OFFER.type], () => offerOf(groups[0]))
  await guard.admit()
  let offer = readFirstOffer(offered)
  let reply = await turn('responder', [RETRY.type, ANSWER.type], () => replyTo(offer))
  let transcript = start.with(offered).with(reply)

  if (reply.type === RETRY.type) {
    const retry = RETRY.read(reply.body)
    checkRetry(offer, retry)
    const wanted = groups.find(({ name }) => name === retry.group)
    const offeredAgain = await turn('initiator', [OFFER.type], () => offerOf(wanted))
    await guard.admit()
    const second = OFFER.read(offeredAgain.body)
    checkSecondOffer(offer, retry, second)
    offer = second
    reply = await turn('responder', [ANSWER.type], () => replyTo(offer))
    transcript = transcript.with(offeredAgain).with(reply)
  }

  const answer = ANSWER.read(reply.body)
  const group = groups.find(({ name }) => name === answer.group)
  if (group === undefined || answer.group !== offer.group) {
    throw new ChatError('bad-message', `the answer is in ${answer.group}, the offer was in ${offer.group}`)
  }
  // ANSWER leaves at the end of this turn, so that both sides compute at the same time.
  await nextTurn()
  // A responder read the peer's public value before it answered.
  const shared = guard.charge(() => {
    theirs ??= publicFrom(group, answer.public)
    return sharedSecret(group, ownPair(group).privateKey, theirs)
  })
  return { group, shared, transcript }
}

function publicFrom(group: Group, hex: string): bigint {
  return publicValueFromBytes(group, Buffer.from(hex, 'hex'))
}

/** Our key pair in each group, generated on first use and gone with this handshake (forward secrecy). */
function onePairPerGroup(random: RandomSource): (group: Group) => KeyPair {
  const pairs = new Map<Group, KeyPair>()
  return group => {
    const pair = pairs.get(group) ?? generateKeyPair(group, random)
    pairs.set(group, pair)
    return pair
  }
}

/** Checks that the offer makes sense before any number in it is used. */
function readFirstOffer(message: Message): Offer {
  const offer = OFFER.read(message.body)
  if (!offer.groups.includes(offer.group) || new Set(offer.groups).size < offer.groups.length) {
    throw new ChatError(
      'bad-message',
      'the offer lists a group twice, or its public value is in a group that it does not list',
    )
  }
  return offer
}

function checkRetry(offer: Offer, retry: Retry): void {
  if (retry.group === offer.group || !offer.groups.includes(retry.group)) {
    throw new ChatError(
      'bad-message',
      `a retry in ${retry.group} makes no sense: that public value was already sent, or the group was never offered`,
    )
  }
}

function checkSecondOffer(first: Offer, retry: Retry, second: Offer): void {
  const sameList = first.groups.length === second.groups.length && first.groups.every((g, i) => g === second.groups[i])
  if (!sameList || first.nonce !== second.nonce || second.group !== retry.group) {
    throw new ChatError('bad-message', 'the second offer is not the first one in the requested group')
  }
}
