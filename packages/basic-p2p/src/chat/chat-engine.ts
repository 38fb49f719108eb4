import { contain, contained } from '@p2p-secure-chat/core/contain'
import { errorEvent, ownHint } from '@p2p-secure-chat/core/error-event'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import type { Address } from '@p2p-secure-chat/core/net/address'
import { allowances, type Rate } from '@p2p-secure-chat/core/net/allowances'
import { dial } from '@p2p-secure-chat/core/net/dial'
import type { TapSocket } from '@p2p-secure-chat/core/net/socket-tap'
import type { Learnt, Role, Upgrade } from '@p2p-secure-chat/core/wire/upgrade'
import { type FilePolicy, type FileTransfers, fileTransfers } from '../files/file-transfers.ts'
import { partialKey } from '../files/partial-key.ts'
import type { AcceptPolicy } from './accept-policy.ts'
import type { BlockedPeers } from './blocked-peers.ts'
import { type ChatEvent, closeReason } from './chat-event.ts'
import { type Conversation, conversation, unacknowledgedTexts } from './conversation.ts'
import { type Connection, establish } from './establish.ts'
import { failedCalls } from './failed-calls.ts'
import { type Call, incomingCalls, type RingingCall } from './incoming-calls.ts'
import { notOpen } from './no-conversation.ts'
import { outgoingCalls } from './outgoing-calls.ts'
import { isStranger } from './ring-limit.ts'
import { openSession, type Session } from './session.ts'
import { type Talk, talk } from './talk.ts'

/**
 * How often we dial strangers who called us and whose connection broke: as often as in a classroom whose router starts
 * again. Beyond that they have to come back by themselves, or each handshake of theirs would cost us several of ours.
 */
export const DIAL_BACKS_TO_STRANGERS: Rate = { burst: 30, interval: 2_000 }

/** Texts that are listed when they were not delivered: enough to say them again, too few to fill a screen. */
const LISTED = 10

/** What the engine needs to hold conversations. It never asks which rung it is on. */
export interface ChatEngineOptions {
  readonly name: string
  readonly upgrade: Upgrade
  readonly policy: AcceptPolicy
  /** Whose calls are declined before anybody hears of them, and who is not called. */
  readonly blocked: BlockedPeers
  readonly files: FilePolicy
  /**
   * Where a user takes calls, by the directory's word.
   *
   * @param signal ends the waiting where nobody calls them any more; its reason is thrown
   * @throws {ChatError} `unknown-user`, `declined`
   */
  readonly locate: (name: string, signal: AbortSignal) => Promise<Address>
  /** Tells the user. A `message` counts as handed over when the promise settles; if it rejects, the output is gone. */
  readonly emit: (event: ChatEvent) => Promise<void>
  /** Watches the connections that we dial. */
  readonly tap?: TapSocket | undefined
}

/** Several conversations of one user. */
export interface ChatEngine {
  /** Names of the peers with an open conversation, interrupted ones too, in the order in which they opened. */
  readonly open: readonly string[]
  /** Calls that wait for an answer, the latest last. */
  readonly ringing: readonly RingingCall[]
  /** Names of those whom we are calling now, the latest last. */
  readonly calling: readonly string[]
  /** Whether the connection of a conversation is lost, and another one is not there yet. */
  isInterrupted(peer: string): boolean
  /** What is known about the peer of an open conversation. */
  learnt(peer: string): Learnt | null
  /**
   * Opens a conversation, or finds the one that is open. Whoever calls us already is accepted.
   *
   * @param patience how long to try again while the peer has no place for the call, in milliseconds
   * @returns whether it is open now; if not, a `closed` event has said why
   * @throws {ChatError} `self-call`
   */
  call(peer: string, patience?: number): Promise<boolean>
  /**
   * Ends what there is with that peer, and with their key, and declines all further calls of theirs without a sound.
   *
   * @returns the fingerprint of the key that is blocked with the name, if one is known
   * @throws {ChatError} why it will not last; what there was is ended all the same
   */
  block(peer: string): Promise<string | null>
  /**
   * Takes a text for the peer, who gets it once, over whichever connection; settles when there is room for more.
   *
   * @throws {ChatError} `no-conversation`, `too-large`, `too-many`; `undelivered`, once it is over, when it was ending
   */
  say(peer: string, text: string): Promise<void>
  /** The files of an open conversation; null where there is none. */
  files(peer: string): FileTransfers | null
  /** Names of those with whom a file is under way, offered or to be offered. */
  readonly exchanging: readonly string[]
  /** When a call stopped ringing or a file was over last, on the clock of `performance`. */
  readonly goneAt: number
  /** Waits until the peer acknowledged everything and files are over, or the conversation is over. */
  settled(peer: string): Promise<void>
  /**
   * Ends a conversation: says goodbye and waits for the peer's. Hangs up where we are still calling them.
   *
   * @throws {ChatError} `no-conversation`
   */
  leave(peer: string): Promise<void>
  /** Says goodbye to everyone, and takes no further calls. */
  leaveAll(): Promise<void>
  /** Gives up the conversations that are not over yet, and tells what was not delivered in them. */
  abandon(): void
  /**
   * Takes a connection whose upgrade succeeded. What comes of it is told by events.
   */
  take(connection: Connection): void
  /** How many texts were taken for sending and never acknowledged. */
  readonly undelivered: number
}

/** Keeps the conversations of one user and decides what happens to each call. */
export function chatEngine(options: ChatEngineOptions): ChatEngine {
  const { name, upgrade, policy, blocked, files, locate, emit, tap } = options
  /** Conversations from their opening to their end. */
  const current = new Map<string, Talk>()
  const outgoing = outgoingCalls({
    connect,
    converse: connection => hold(connection, 'initiator', () => undefined),
    onFull: (peer, error) => void tell({ ...errorEvent(error), event: 'retry', peer }),
    onFailure: (peer, error) => tellClosed(peer, error, 'you hung up'),
  })
  const incoming = incomingCalls({
    name,
    policy,
    blocked,
    outgoing,
    talkWith: peer => current.get(peer),
    tell: event => void tell(event),
  })
  const live = new Map<Session, Learnt>()
  const dialBacks = allowances(DIAL_BACKS_TO_STRANGERS)
  const onTampered = failedCalls(error => void tell(errorEvent(error)))
  /** Files of conversations that are over, while what is left of them is put in order. */
  const endings = new Set<Promise<void>>()
  /** Openings that are being noted in the memory of keys. */
  const openings = new Set<Promise<void>>()
  let goneAt = Number.NEGATIVE_INFINITY
  let filesOffered = 0
  let leaving = false
  let undelivered = 0

  async function tell(event: ChatEvent): Promise<void> {
    try {
      await emit(event)
    } catch (thrown) {
      // An output that is gone ends the whole client, not this conversation.
      contain(thrown)
    }
  }

  function tellClosed(peer: string, error: ChatError | null, otherwise: string | null = null): void {
    const code = error?.code ?? null
    const message = error?.message ?? otherwise
    const hint = error === null ? {} : ownHint(error)
    void tell({ event: 'closed', peer, reason: closeReason(code), code, message, ...hint })
  }

  function tellOpen({ learnt }: Talk): void {
    const { peer, confidential, integrity, identity, fingerprint, safetyNumber, notices } = learnt
    const safety = { confidential, integrity, identity, fingerprint, safetyNumber }
    void tell({ event: 'open', peer, via: 'direct', ...safety, notices })
  }

  function isOpen(peer: string): boolean {
    return current.get(peer)?.open === true
  }

  /**
   * Follows one session from the call to the end; both roles.
   *
   * @param resumed the interrupted conversation that it is to carry; by default a new one begins
   * @returns settles when it is open; rejects with why it never was
   */
  function hold(
    { channel, learnt }: Connection,
    role: Role,
    onRinging: (call: Call) => void,
    resumed: Talk | null = null,
  ): Promise<void> {
    const peer = learnt.peer
    return new Promise((resolve, reject) => {
      let carried = resumed
      const begun = resumed?.conversation ?? conversation()
      const session = openSession(channel, role, begun, {
        ringing: message => onRinging({ session, learnt, message, goOnWith }),
        opened() {
          if (carried !== null) {
            if (!carried.carryOn(session)) return void session.hangUp()
          } else {
            incoming.opened(peer)
            // Also one that is ending: its end would pass for that of the new one.
            if (current.has(peer)) return void session.leave()
            carried = begin(begun, learnt, role, session)
            outgoing.opened(peer)
          }
          resolve()
        },
        file: message => carried?.files.take(message),
        text: (id, text) => emit({ event: 'message', peer, direction: 'in', id, text }),
        delivered: id => void tell({ event: 'delivered', peer, id }),
        lost(error) {
          live.delete(session)
          if (carried === null || !carried.isCarriedBy(session)) return
          // Without a key nobody knows who would come back.
          if (leaving || learnt.fingerprint === null) carried.end(error)
          else carried.interrupt(error)
        },
        closed(error) {
          live.delete(session)
          if (carried?.isCarriedBy(session)) {
            carried.end(error)
          } else if (incoming.ended(peer, session)) {
            goneAt = performance.now()
            tellClosed(peer, error, 'the caller hung up')
          } else if (role === 'responder' && error?.exitCode === 3) {
            // Nobody was told of this call yet, but somebody tampers with it.
            onTampered(error, peer)
          }
          reject(error ?? new ChatError('declined', 'the call was given up'))
        },
      })
      live.set(session, learnt)

      function goOnWith(talk: Talk): void {
        carried = talk
        session.accept(talk.conversation)
      }
    })
  }

  function begin(conversation: Conversation, learnt: Learnt, role: Role, session: Session): Talk {
    const peer = learnt.peer
    const { texts } = conversation
    const transfers = fileTransfers({
      policy: files,
      nextNumber: () => (filesOffered += 1),
      partialKey:
        learnt.fingerprint === null
          ? null
          : partialKey({ protocol: learnt.protocol, receiver: name, fingerprint: learnt.fingerprint }),
      tell(update) {
        if (update.state === 'done' || update.state === 'failed') goneAt = performance.now()
        return tell({ event: 'file', peer, integrity: learnt.integrity, ...update })
      },
    })
    const placed = role === 'initiator'
    const begun = talk(
      { conversation, learnt, files: transfers, placed, first: session },
      {
        interrupted: error => void tell({ ...errorEvent(error), event: 'interrupted', peer }),
        resumed: () => void tell({ event: 'resumed', peer, resent: texts.unacknowledged }),
        ended(error) {
          current.delete(peer)
          const ending = transfers
            .end(error)
            .catch(thrown => void contain(thrown))
            .finally(() => endings.delete(ending))
          endings.add(ending)
          tellClosed(peer, error)
          noteUndelivered(peer, conversation)
        },
        resume: () => resume(begun),
      },
    )
    current.set(peer, begun)
    noteOpening(learnt)
    tellOpen(begun)
    return begun
  }

  function noteOpening({ opened }: Learnt): void {
    const noting = opened()
      .catch(thrown => void tell(errorEvent(contain(thrown))))
      .finally(() => openings.delete(noting))
    openings.add(noting)
  }

  /**
   * Tries to give an interrupted conversation another connection. Whoever was called only learns in this way whether it
   * is still going on: the caller answers `crossed`, and calls.
   *
   * @returns whether it may go on; the caller's call may still be on its way
   * @throws {ChatError} why the peer was not reached
   */
  async function resume(talk: Talk): Promise<boolean> {
    const { learnt } = talk
    if (!talk.placed && isStranger(learnt) && !dialBacks.take('')) {
      throw new ChatError('too-many', 'too many connections of strangers have broken')
    }
    const connection = await reach(learnt.peer, new AbortController().signal)
    if (!talk.interrupted || connection.learnt.fingerprint !== learnt.fingerprint) {
      void conclude(connection.channel, null)
      if (!talk.interrupted) return true
      throw new ChatError('wrong-peer', `somebody else answers in the name of ${learnt.peer}`)
    }
    try {
      await hold(connection, 'initiator', () => undefined, talk)
      return true
    } catch (thrown) {
      const error = contain(thrown)
      if (error.code === 'declined' || error.code === 'busy' || error.code === 'no-conversation') return false
      throw error
    }
  }

  function noteUndelivered(peer: string, conversation: Conversation): void {
    const count = conversation.texts.unacknowledged
    if (count === 0) return
    undelivered += count
    const message = `${peer} did not acknowledge ${count === 1 ? 'the last text' : `the last ${count} texts`}`
    void tell({ event: 'error', code: 'undelivered', message, texts: unacknowledgedTexts(conversation, LISTED) })
  }

  async function reach(peer: string, signal: AbortSignal): Promise<Connection> {
    const socket = await dial(await locate(peer, signal), { signal })
    return establish(socket, { role: 'initiator', upgrade, expected: peer, tap })
  }

  /** Reaches somebody whom we call, which is reason enough to remember their key. */
  async function connect(peer: string, again: boolean, signal: AbortSignal): Promise<Connection> {
    if (await blocked.blocks(peer, null)) throw new ChatError('blocked', `you have blocked ${peer}: /unblock ${peer}`)
    if (!again) void tell({ event: 'call', peer, direction: 'outgoing', asks: false })
    const connection = await reach(peer, signal)
    try {
      signal.throwIfAborted()
      if (await blocked.blocks(peer, connection.learnt.fingerprint)) {
        throw new ChatError('blocked', `${peer} has a key that you have blocked under another name: /block lists them`)
      }
      await connection.learnt.remember()
      if (leaving) throw new ChatError('closed', 'the call was given up')
    } catch (error) {
      void conclude(connection.channel, null)
      throw error
    }
    return connection
  }

  function talkWith(peer: string): Talk {
    const talk = current.get(peer)
    if (talk === undefined) throw notOpen(peer, [...current.keys()])
    return talk
  }

  /** Ends whatever there is with somebody, on connections and between them. */
  async function hangUpOn(isIt: (learnt: Learnt) => boolean): Promise<void> {
    const interrupted = [...current.values()].filter(talk => talk.interrupted && isIt(talk.learnt))
    const sessions = [...live].filter(([, learnt]) => isIt(learnt)).map(([session]) => session)
    for (const session of sessions) if (session.state === 'ringing') session.decline('declined')
    await Promise.all([...interrupted, ...sessions].map(either => either.hangUp()))
  }

  return {
    get open() {
      return [...current.keys()].filter(isOpen)
    },
    get ringing() {
      return incoming.ringing
    },
    get calling() {
      return outgoing.calling
    },
    get undelivered() {
      let waiting = 0
      for (const { conversation } of current.values()) waiting += conversation.texts.unacknowledged
      return undelivered + waiting
    },
    isInterrupted: peer => current.get(peer)?.interrupted === true,
    learnt: peer => current.get(peer)?.learnt ?? null,

    async call(peer, patience) {
      if (peer === name) throw new ChatError('self-call', 'this is your own name')
      if (isOpen(peer)) return true
      // What is left of the last conversation ends before the next one begins.
      await current.get(peer)?.leave()
      const ringing = incoming.ringing.find(call => call.peer === peer)
      if (ringing !== undefined) {
        await ringing.accept()
        return isOpen(peer)
      }
      return outgoing.place(peer, patience)
    },

    async block(peer) {
      let key = (current.get(peer)?.learnt ?? incoming.learnt(peer))?.fingerprint ?? null
      try {
        key = await blocked.block(peer, key)
      } finally {
        await hangUpOn(learnt => learnt.peer === peer || (key !== null && learnt.fingerprint === key))
      }
      return key
    },

    async say(peer, text) {
      const talk = talkWith(peer)
      if (!talk.open) {
        await talk.leave()
        throw new ChatError('undelivered', `${peer} left before the text was sent`)
      }
      const id = talk.say(text)
      await Promise.all([tell({ event: 'message', peer, direction: 'out', id, text }), talk.conversation.texts.room()])
    },

    files: peer => current.get(peer)?.files ?? null,
    get goneAt() {
      return goneAt
    },
    get exchanging() {
      return [...current].flatMap(([peer, { files }]) => (files.open.length > 0 ? [peer] : []))
    },

    async settled(peer) {
      const talk = current.get(peer)
      await talk?.settled()
      await talk?.files.settled()
    },

    async leave(peer) {
      if (!outgoing.calling.includes(peer)) return talkWith(peer).leave()
      outgoing.hangUp(peer)
      const placed = [...live].filter(([{ state }, learnt]) => learnt.peer === peer && state === 'calling')
      await Promise.all(placed.map(([session]) => session.hangUp()))
    },

    async leaveAll() {
      leaving = true
      incoming.stop()
      const files = [...current.values()].map(talk => talk.files.leave())
      const interrupted = [...current.values()].filter(talk => talk.interrupted)
      await Promise.all([...interrupted, ...live.keys()].map(either => either.leave()))
      await Promise.all([...files, ...endings, ...openings])
    },

    abandon() {
      const silent = new ChatError('timeout', 'no goodbye came back')
      for (const talk of current.values()) talk.end(silent)
    },

    take: connection => contained(hold(connection, 'responder', call => contained(incoming.receive(call)))),
  }
}
