import { randomBytes } from 'node:crypto'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { Learnt, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type AcceptPolicy, decide } from './accept-policy.ts'
import { type ChatEvent, closeReason } from './chat-event.ts'
import { type Connection, establish } from './establish.ts'
import { outgoingCalls } from './outgoing-calls.ts'
import { openSession, type Session } from './session.ts'

/** Calls that may ring at once; a person answers a few, a flood must not fill the screen or the memory. */
const RINGING_LIMIT = 16

/** What the engine needs to hold conversations. It never asks which rung it is on. */
export interface ChatEngineOptions {
  readonly name: string
  readonly upgrade: Upgrade
  readonly policy: AcceptPolicy
  /** Where a user takes calls, by the directory's word. @throws {ChatError} `unknown-user`, `declined` */
  readonly locate: (name: string) => Promise<Address>
  /** Tells the user. A `message` counts as handed over when the promise settles; if it rejects, the output is gone. */
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
   * Opens a conversation, or finds the one that is open. Whoever calls us already is accepted, whoever was blocked is
   * blocked no longer.
   *
   * @returns whether it is open now; if not, a `closed` event has said why
   * @throws {ChatError} `self-call`
   */
  call(peer: string): Promise<boolean>
  accept(peer: string): Promise<void>
  decline(peer: string): Promise<void>
  /** Ends what there is with that peer, and declines all further calls of theirs without a sound. */
  block(peer: string): Promise<void>
  /** @throws {ChatError} `no-conversation`, `too-large`, or what ended the conversation */
  say(peer: string, text: string): Promise<void>
  /** Waits until the peer acknowledged everything, or the conversation is over. */
  settled(peer: string): Promise<void>
  /** Says goodbye and waits for the peer's. */
  leave(peer: string): Promise<void>
  /** Says goodbye to everyone, and takes no further calls. */
  leaveAll(): Promise<void>
  /** Gives up the conversations that are not over yet, and tells what was not delivered in them. */
  abandon(): void
  /**
   * Takes a connection whose upgrade succeeded. What comes of it is told by events.
   *
   * @returns settles once the peer has called, or is gone: until then it is nobody's conversation
   */
  take(connection: Connection): Promise<void>
  /** How many texts were taken for sending and never acknowledged. */
  readonly undelivered: number
}

interface Conversation {
  readonly session: Session
  readonly learnt: Learnt
}

/** Keeps the conversations of one user and decides what happens to each call. */
export function chatEngine({ name, upgrade, policy, locate, emit }: ChatEngineOptions): ChatEngine {
  /** Conversations from their opening to their end. */
  const current = new Map<string, Conversation>()
  const ringing = new Map<string, Conversation>()
  const outgoing = outgoingCalls(connect, connection => hold(connection, 'initiator', () => undefined), tellClosed)
  const live = new Set<Session>()
  /** Names in which a stranger calls while we are dialling them ourselves. */
  const strangers = new Set<string>()
  const blocked = new Set<string>()
  let leaving = false
  let undelivered = 0

  async function tell(event: ChatEvent): Promise<void> {
    try {
      await emit(event)
    } catch (error) {
      // An output that is gone ends the whole client, not this conversation.
      if (!(error instanceof ChatError)) throw error
    }
  }

  function tellClosed(peer: string, error: ChatError | null, otherwise: string | null = null): void {
    const code = error?.code ?? null
    void tell({ event: 'closed', peer, reason: closeReason(code), code, message: error?.message ?? otherwise })
  }

  function tellOpen({ learnt }: Conversation): void {
    const { peer, confidential, integrity, identity, fingerprint, safetyNumber, notices } = learnt
    const safety = { confidential, integrity, identity, fingerprint, safetyNumber }
    void tell({ event: 'open', peer, via: 'direct', ...safety, notices })
  }

  function isOpen(peer: string): boolean {
    return current.get(peer)?.session.state === 'open'
  }

  /**
   * Follows one session from the call to the end; both roles.
   *
   * @returns settles when it is open; rejects with why it never was
   */
  function hold(connection: Connection, role: Role, onRinging: (conversation: Conversation) => void): Promise<void> {
    const { channel, learnt } = connection
    const peer = learnt.peer
    return new Promise((resolve, reject) => {
      const session = openSession(channel, role, randomBytes(16).toString('hex'), {
        ringing: () => onRinging(conversation),
        opened() {
          if (isOpen(peer)) return void session.leave()
          ringing.delete(peer)
          current.set(peer, conversation)
          tellOpen(conversation)
          outgoing.opened(peer)
          resolve()
        },
        text: (id, text) => emit({ event: 'message', peer, direction: 'in', id, text }),
        delivered: id => void tell({ event: 'delivered', peer, id }),
        closed(error) {
          live.delete(session)
          if (current.get(peer) === conversation) {
            current.delete(peer)
            tellClosed(peer, error)
            noteUndelivered(peer, session.unacknowledged)
          } else if (ringing.get(peer) === conversation) {
            ringing.delete(peer)
            tellClosed(peer, error, 'the caller hung up')
          } else if (role === 'responder' && error?.exitCode === 3) {
            // Nobody was told of this call yet, but somebody tampers with it.
            void tell({ event: 'error', code: error.code, message: `call from ${peer}: ${error.message}` })
          }
          reject(error ?? new ChatError('declined', 'the call was given up'))
        },
      })
      const conversation = { session, learnt }
      live.add(session)
    })
  }

  function noteUndelivered(peer: string, count: number): void {
    if (count === 0) return
    undelivered += count
    const texts = count === 1 ? 'the last text' : `the last ${count} texts`
    void tell({ event: 'error', code: 'undelivered', message: `${peer} did not acknowledge ${texts}` })
  }

  /** Reaches somebody whom we call, which is reason enough to remember their key. */
  async function connect(peer: string): Promise<Connection> {
    void tell({ event: 'call', peer, direction: 'outgoing', asks: false })
    const socket = await dial(await locate(peer))
    const connection = await establish(socket, 'initiator', upgrade, peer)
    try {
      await connection.learnt.remember()
      if (leaving) throw new ChatError('closed', 'the call was given up')
    } catch (error) {
      void conclude(connection.channel, null)
      throw error
    }
    return connection
  }

  function onCall(conversation: Conversation): void {
    const { session, learnt } = conversation
    const peer = learnt.peer
    if (session.state !== 'ringing') return
    if (leaving || blocked.has(peer)) return session.decline('declined')
    if (isOpen(peer) || ringing.has(peer) || peer === name) return session.decline('busy')
    const last = current.get(peer)?.session
    // What is left of the last conversation ends before the next one begins.
    if (last !== undefined) return void last.leave().then(() => onCall(conversation))
    const dialling = learnt.identity === 'new' ? outgoing.dialling(peer) : null
    if (dialling !== null) {
      if (strangers.has(peer)) return session.decline('busy')
      strangers.add(peer)
      void dialling.then(() => {
        strangers.delete(peer)
        onCall(conversation)
      })
      return
    }
    const goesOn = outgoing.meet(peer, learnt)
    if (goesOn === 'ours') return session.decline('crossed')
    if (goesOn === 'theirs') return void acceptRemembering(conversation)
    const decision = decide(policy, learnt)
    if (decision === 'decline' || ringing.size >= RINGING_LIMIT) return session.decline('declined')
    void tell({ event: 'call', peer, direction: 'incoming', asks: decision === 'ask' })
    ringing.set(peer, conversation)
    if (decision === 'accept') session.accept()
  }

  /** Takes the call of somebody whom we are calling ourselves. */
  async function acceptRemembering({ session, learnt }: Conversation): Promise<void> {
    try {
      await learnt.remember()
      session.accept()
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      if (session.state === 'ringing') session.decline('declined')
    }
  }

  function conversationWith(peer: string): Conversation {
    const conversation = current.get(peer)
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
    session.accept()
  }

  return {
    get open() {
      return [...current.keys()].filter(isOpen)
    },
    get ringing() {
      return [...ringing.keys()]
    },
    get undelivered() {
      let waiting = 0
      for (const { session } of current.values()) waiting += session.unacknowledged
      return undelivered + waiting
    },
    learnt: peer => current.get(peer)?.learnt ?? null,

    async call(peer) {
      if (peer === name) throw new ChatError('self-call', 'this is your own name')
      blocked.delete(peer)
      if (isOpen(peer)) return true
      // What is left of the last conversation ends before the next one begins.
      await current.get(peer)?.session.leave()
      if (ringing.has(peer)) {
        await accept(peer)
        return isOpen(peer)
      }
      return outgoing.place(peer)
    },

    accept,
    async decline(peer) {
      ringingFrom(peer).session.decline('declined')
    },

    async block(peer) {
      blocked.add(peer)
      ringing.get(peer)?.session.decline('declined')
      await current.get(peer)?.session.hangUp()
    },

    async say(peer, text) {
      const { id, room } = conversationWith(peer).session.send(text)
      await Promise.all([tell({ event: 'message', peer, direction: 'out', id, text }), room])
    },

    async settled(peer) {
      await current.get(peer)?.session.settled()
    },

    async leave(peer) {
      await conversationWith(peer).session.leave()
    },

    async leaveAll() {
      leaving = true
      await Promise.all([...live].map(session => session.leave()))
    },

    abandon() {
      for (const [peer, { session }] of current) noteUndelivered(peer, session.unacknowledged)
      current.clear()
    },

    take: connection =>
      new Promise(resolve => {
        hold(connection, 'responder', conversation => {
          resolve()
          onCall(conversation)
        }).catch(() => resolve())
      }),
  }
}
