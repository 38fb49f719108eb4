import { randomBytes } from 'node:crypto'
import { ChatError } from '@p2p-secure-chat/core/errors'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { Channel } from '@p2p-secure-chat/core/wire/channel'
import type { Learnt, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type AcceptPolicy, decide } from './accept-policy.ts'
import { type ChatEvent, closeReason } from './chat-event.ts'
import { establish } from './establish.ts'
import { openSession, type Session } from './session.ts'

/** Calls that may ring at once; a person answers a few, a flood must not fill the screen or the memory. */
const RINGING_LIMIT = 16

/** How long the other call may still take where both sides called at once, in milliseconds. */
const CROSSED_DEADLINE = 10_000

/** What the engine needs to hold conversations. It never asks which rung it is on. */
export interface ChatEngineOptions {
  readonly name: string
  readonly upgrade: Upgrade
  readonly policy: AcceptPolicy
  /** Where a user takes calls, by the directory's word. @throws {ChatError} `unknown-user`, `declined` */
  readonly locate: (name: string) => Promise<Address>
  /** Tells the user. A `message` counts as handed over when the promise settles. */
  readonly emit: (event: ChatEvent) => Promise<void>
}

/** Several conversations of one user. */
export interface ChatEngine {
  /** Names of the peers with an open conversation, in the order in which they opened. */
  readonly open: readonly string[]
  /** Names of those whose call waits for an answer, the latest last. */
  readonly ringing: readonly string[]
  /** What is known about the peer of an open conversation. */
  learnt(peer: string): Learnt | null
  /**
   * Opens a conversation, or finds the one that is open. Whoever calls us already is accepted.
   *
   * @returns whether it is open now; if not, a `closed` event has said why
   * @throws {ChatError} `self-call`
   */
  call(peer: string): Promise<boolean>
  accept(peer: string): Promise<void>
  decline(peer: string): Promise<void>
  /** @throws {ChatError} `no-conversation`, `too-large`, or what ended the conversation */
  say(peer: string, text: string): Promise<void>
  /** Waits until the peer acknowledged everything, or the conversation is over. */
  settled(peer: string): Promise<void>
  /** Says goodbye and waits for the peer's. */
  leave(peer: string): Promise<void>
  /** Says goodbye to everyone. */
  leaveAll(): Promise<void>
  /** Takes a connection whose upgrade succeeded. */
  take(channel: Channel, learnt: Learnt): void
  /** How many texts were never acknowledged in conversations that are over. */
  readonly undelivered: number
}

interface Conversation {
  readonly session: Session
  readonly learnt: Learnt
}

/** Keeps the conversations of one user and decides what happens to each call. */
export function chatEngine({ name, upgrade, policy, locate, emit }: ChatEngineOptions): ChatEngine {
  const conversationId = randomBytes(16).toString('hex')
  const open = new Map<string, Conversation>()
  const ringing = new Map<string, Conversation>()
  /** Calls of ours that are under way, by peer. */
  const calling = new Map<string, Promise<boolean>>()
  /** Calls of ours that gave way to the peer's: what to do when that one is open. */
  const crossing = new Map<string, () => void>()
  const live = new Set<Session>()
  let undelivered = 0

  function tell(event: ChatEvent): void {
    void emit(event)
  }

  function tellClosed(peer: string, error: ChatError | null): void {
    const code = error?.code ?? null
    tell({ event: 'closed', peer, reason: closeReason(code), code, message: error?.message ?? null })
  }

  /** Follows one session from the call to the end; both roles. */
  function hold(channel: Channel, role: Role, learnt: Learnt, onRinging: (conversation: Conversation) => void) {
    const peer = learnt.peer
    return new Promise<void>((resolve, reject) => {
      const session = openSession(channel, role, conversationId, {
        ringing: () => onRinging(conversation),
        opened() {
          ringing.delete(peer)
          open.set(peer, conversation)
          crossing.get(peer)?.()
          const { confidential, integrity, identity, fingerprint, safetyNumber, notices } = learnt
          tell({
            event: 'open',
            peer,
            via: 'direct',
            confidential,
            integrity,
            identity,
            fingerprint,
            safetyNumber,
            notices,
          })
          resolve()
        },
        text: (id, text) => emit({ event: 'message', peer, direction: 'in', id: String(id), text }),
        delivered: id => tell({ event: 'delivered', peer, id: String(id) }),
        closed(error) {
          live.delete(session)
          const wasOpen = open.get(peer) === conversation
          const wasRinging = ringing.get(peer) === conversation
          if (wasOpen) open.delete(peer)
          if (wasRinging) ringing.delete(peer)
          if (wasOpen || wasRinging) tellClosed(peer, error)
          if (wasOpen) noteUndelivered(peer, session.unacknowledged)
          reject(error ?? new ChatError('declined', 'the peer left before the conversation began'))
        },
      })
      const conversation = { session, learnt }
      live.add(session)
    })
  }

  function noteUndelivered(peer: string, count: number): void {
    if (count === 0) return
    undelivered += count
    tell({ event: 'error', code: 'undelivered', message: `${peer} did not acknowledge the last ${count} texts` })
  }

  async function placeCall(peer: string): Promise<boolean> {
    tell({ event: 'call', peer, direction: 'outgoing', asks: false })
    try {
      const socket = await dial(await locate(peer))
      const { channel, learnt } = await establish(socket, 'initiator', upgrade, peer)
      await learnt.remember()
      await hold(channel, 'initiator', learnt, () => undefined)
      return true
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // Both called at once, and the peer's call goes on in place of ours.
      if (open.has(peer)) return true
      const outcome = error.code === 'crossed' ? await otherCall(peer) : error
      if (outcome !== null) tellClosed(peer, outcome)
      return outcome === null
    }
  }

  /** Waits for the call that ours gave way to; null when it is open. */
  async function otherCall(peer: string): Promise<ChatError | null> {
    const arrived = new Promise<void>(resolve => crossing.set(peer, resolve))
    try {
      await withDeadline(arrived, CROSSED_DEADLINE, `the call that ${peer} placed at the same time`)
      return null
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      return error
    } finally {
      crossing.delete(peer)
    }
  }

  function onCall(conversation: Conversation): void {
    const { session, learnt } = conversation
    const peer = learnt.peer
    if (open.has(peer) || ringing.has(peer) || peer === name) return void session.decline('busy')
    if (calling.has(peer)) return void (learnt.precedes ? session.decline('crossed') : session.accept())
    const decision = decide(policy, learnt)
    if (decision === 'decline' || ringing.size >= RINGING_LIMIT) return void session.decline('declined')
    tell({ event: 'call', peer, direction: 'incoming', asks: decision === 'ask' })
    ringing.set(peer, conversation)
    if (decision === 'accept') void session.accept()
  }

  function conversationWith(peer: string): Conversation {
    const conversation = open.get(peer)
    if (conversation === undefined) throw new ChatError('no-conversation', `there is no conversation with ${peer}`)
    return conversation
  }

  function ringingFrom(peer: string): Conversation {
    const conversation = ringing.get(peer)
    if (conversation === undefined) throw new ChatError('no-conversation', `${peer} is not calling`)
    return conversation
  }

  async function accept(peer: string): Promise<void> {
    const { session, learnt } = ringingFrom(peer)
    // Only a person's word pins the key of somebody who called us.
    await learnt.remember()
    await session.accept()
  }

  return {
    get open() {
      return [...open.keys()]
    },
    get ringing() {
      return [...ringing.keys()]
    },
    get undelivered() {
      return undelivered
    },
    learnt: peer => open.get(peer)?.learnt ?? null,

    async call(peer) {
      if (peer === name) throw new ChatError('self-call', 'this is your own name')
      if (open.has(peer)) return true
      if (ringing.has(peer)) {
        await accept(peer)
        return true
      }
      let underWay = calling.get(peer)
      if (underWay === undefined) {
        underWay = placeCall(peer).finally(() => calling.delete(peer))
        calling.set(peer, underWay)
      }
      return underWay
    },

    accept,
    decline: peer => ringingFrom(peer).session.decline('declined'),

    async say(peer, text) {
      const { id, room } = conversationWith(peer).session.send(text)
      tell({ event: 'message', peer, direction: 'out', id: String(id), text })
      await room
    },

    async settled(peer) {
      await open.get(peer)?.session.settled()
    },

    leave: peer => conversationWith(peer).session.leave(),

    async leaveAll() {
      await Promise.all([...live].map(session => session.leave()))
    },

    take(channel, learnt) {
      // Why an incoming call came to nothing is told by its events.
      hold(channel, 'responder', learnt, onCall).catch(() => undefined)
    },
  }
}
