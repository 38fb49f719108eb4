import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { contain, contained } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import { type AcceptPolicy, decide } from './accept-policy.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import type { ChatEvent } from './chat-event.ts'
import { isResumedBy } from './conversation.ts'
import type { OutgoingCalls } from './outgoing-calls.ts'
import { isStranger, ringLimit } from './ring-limit.ts'
import type { Session } from './session.ts'
import type { Talk } from './talk.ts'
import type { CallMessage } from '../messages/conversation.ts'

/** Calls that may ring at once; a person answers a few, a flood must not fill the screen or the memory. */
export const RINGING_LIMIT = 16

/** How many of them may be of strangers, who can have as many names and keys as they like. */
export const RINGING_STRANGERS = 8

/** A call that waits for an answer. */
export interface Call {
  readonly session: Session
  readonly learnt: Learnt
  readonly message: CallMessage
  /** Lets that connection carry a conversation that has lost its own. */
  goOnWith(talk: Talk): void
}

/** One call that waits for our user's answer; a later call in the same name is another one. */
export interface RingingCall {
  readonly peer: string
  /** When our user heard of it, on the clock of `performance`. */
  readonly since: number
  /** @throws {ChatError} `no-conversation` when it does not wait any more, as decline(); why the key is not remembered */
  accept(): Promise<void>
  decline(): void
}

/** The calls of others, and what becomes of them. */
export interface IncomingCalls {
  /** Those that wait for an answer, the latest last. */
  readonly ringing: readonly RingingCall[]
  /** What is known of somebody whose call waits for an answer. */
  learnt(peer: string): Learnt | null
  /** Decides about a call, or lets a person decide. */
  receive(call: Call): Promise<void>
  /** To be called when a conversation with that peer is open, whoever called. */
  opened(peer: string): void
  /** To be called when a session is over. @returns whether it was ringing, and nobody had answered */
  ended(peer: string, session: Session): boolean
  /** Declines whatever comes from now on. */
  stop(): void
}

/** What an incoming call has to fit. */
export interface IncomingCallsOptions {
  /** Our own name. */
  readonly name: string
  readonly policy: AcceptPolicy
  readonly blocked: BlockedPeers
  /** Our own calls, some of which may cross theirs. */
  readonly outgoing: OutgoingCalls
  /** The conversation with somebody, until it is over. */
  readonly talkWith: (peer: string) => Talk | undefined
  readonly tell: (event: ChatEvent) => void
}

export function incomingCalls({
  name,
  policy,
  blocked,
  outgoing,
  talkWith,
  tell,
}: IncomingCallsOptions): IncomingCalls {
  const ringing = new Map<string, { readonly call: Call; readonly since: number }>()
  const mayRing = ringLimit()
  /** Names in which a stranger calls while we are dialling them ourselves. */
  const strangers = new Set<string>()
  let stopped = false

  /** Whoever is blocked sees a call declined, as everybody does whom a person declines. */
  async function receive(call: Call): Promise<void> {
    try {
      if (!(await isBlocked(call))) return await consider(call)
    } catch (thrown) {
      contain(thrown)
    }
    if (call.session.state === 'ringing') call.session.decline('declined')
  }

  /** A list that can not be read must not let in whom it names. */
  async function isBlocked({ learnt }: Call): Promise<boolean> {
    try {
      return await blocked.blocks(learnt.peer, learnt.fingerprint)
    } catch (thrown) {
      const error = contain(thrown)
      if (error.code !== 'internal' && mayRing(learnt)) tell(errorEvent(error))
      return true
    }
  }

  async function consider(call: Call): Promise<void> {
    const { session, learnt, message } = call
    const peer = learnt.peer
    if (session.state !== 'ringing') return
    if (stopped) return session.decline('declined')
    const talk = talkWith(peer)
    if (message.resume !== undefined) return resume(call, talk)
    // A caller who starts a new conversation has no use for what was interrupted.
    if (talk?.interrupted && isSamePeer(talk, learnt)) contained(talk.leave())
    if (talk?.open || ringing.has(peer) || peer === name) return session.decline('busy')
    const last = talkWith(peer)
    // What is left of the last conversation ends before the next one begins.
    if (last !== undefined) {
      await last.leave()
      return consider(call)
    }
    const dialling = learnt.identity === 'new' ? outgoing.dialling(peer) : null
    if (dialling !== null) {
      if (strangers.has(peer)) return session.decline('busy')
      strangers.add(peer)
      await dialling
      strangers.delete(peer)
      return consider(call)
    }
    const goesOn = outgoing.meet(peer, learnt)
    if (goesOn === 'ours') return session.decline('crossed')
    if (goesOn === 'theirs') return acceptInPlaceOfOurs(call)
    const decision = decide(policy, learnt)
    if (decision === 'decline') return session.decline('declined')
    if (decision === 'ask' && (ringsEnough(learnt) || !mayRing(learnt))) return session.decline('busy')
    tell({ event: 'call', peer, direction: 'incoming', asks: decision === 'ask' })
    ringing.set(peer, { call, since: performance.now() })
    if (decision === 'accept') session.accept()
  }

  function ringsEnough(caller: Learnt): boolean {
    const strangers = [...ringing.values()].filter(({ call }) => isStranger(call.learnt)).length
    return ringing.size >= RINGING_LIMIT || (isStranger(caller) && strangers >= RINGING_STRANGERS)
  }

  /** Answers a peer that has lost the connection of a conversation: here it may not be noticed yet. */
  async function resume({ session, learnt, message, goOnWith }: Call, talk: Talk | undefined): Promise<void> {
    if (talk === undefined || !isSamePeer(talk, learnt) || !isResumedBy(talk.conversation, message))
      return session.decline('no-conversation')
    await talk.lose()
    if (session.state !== 'ringing') return
    if (!talk.interrupted || !isResumedBy(talk.conversation, message)) return session.decline('no-conversation')
    if (!talk.placed) return goOnWith(talk)
    session.decline('crossed')
    talk.hurry()
  }

  async function acceptInPlaceOfOurs({ session, learnt }: Call): Promise<void> {
    await learnt.remember()
    session.accept()
  }

  function ringingCall(call: Call, since: number): RingingCall {
    const { session, learnt } = call
    const { peer } = learnt

    function requireRinging(): void {
      if (ringing.get(peer)?.call === call && session.state === 'ringing') return
      throw new ChatError('no-conversation', `that call of ${peer} is over`, { hint: `you can call: /chat ${peer}` })
    }

    return {
      peer,
      since,
      async accept() {
        requireRinging()
        // Only a person's word pins the key of somebody who called us.
        await learnt.remember()
        session.accept()
      },
      decline() {
        requireRinging()
        session.decline('declined')
      },
    }
  }

  return {
    get ringing() {
      const waiting = [...ringing.values()].filter(({ call }) => call.session.state === 'ringing')
      return waiting.map(({ call, since }) => ringingCall(call, since))
    },
    learnt: peer => ringing.get(peer)?.call.learnt ?? null,
    receive,
    opened: peer => void ringing.delete(peer),
    ended: (peer, session) => ringing.get(peer)?.call.session === session && ringing.delete(peer),
    stop() {
      stopped = true
    },
  }
}

function isSamePeer(talk: Talk, { fingerprint }: Learnt): boolean {
  return fingerprint !== null && fingerprint === talk.learnt.fingerprint
}
