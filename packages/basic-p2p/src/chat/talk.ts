import { ChatError } from '@p2p-secure-chat/core/errors'
import { allowances, type Rate } from '@p2p-secure-chat/core/net/allowances'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import type { FileTransfers } from '../files/file-transfers.ts'
import { type Conversation, keepText } from './conversation.ts'
import { type Interruption, interruption } from './interruption.ts'
import type { Session } from './session.ts'

/** How long the caller of an interrupted conversation has, in milliseconds, before the callee looks what became of them. */
const CALLER_HEAD_START = 500

/**
 * How long a peer that comes back again and again may acknowledge nothing before nobody waits for it any more, in
 * milliseconds: one interruption and one silence after it are shorter.
 */
const RETURN_PATIENCE = 180_000

/**
 * How often its connection may break: more than any network does for long, and too seldom for a peer to keep our processor
 * busy with handshakes and our screen with lines about them.
 */
export const BREAKS: Rate = { burst: 30, interval: 5_000 }

/** What a talk tells its owner, in order. */
export interface TalkEvents {
  /** Its connection broke; attempts to get another one begin. */
  interrupted(error: ChatError): void
  /** Another connection carries it. */
  resumed(): void
  /** It is over. Null after both goodbyes. */
  ended(error: ChatError | null): void
  /**
   * Tries to give it another connection, which calls carryOn().
   *
   * @returns whether it may go on; if not, it is over at the peer's
   * @throws {ChatError} why the peer was not reached
   */
  resume(): Promise<boolean>
}

/** A conversation with one peer from its opening to its end, over one connection after the other. */
export interface Talk {
  readonly conversation: Conversation
  /** What the first of its connections told; the others are held to the same key. */
  readonly learnt: Learnt
  readonly files: FileTransfers
  /** Whether we placed the call. Only that side goes on with it, or two connections would. */
  readonly placed: boolean
  /** Whether texts are taken: over a connection, or for the next one. */
  readonly open: boolean
  /** Whether its connection is lost and another one is not there yet. */
  readonly interrupted: boolean
  isCarriedBy(session: Session): boolean
  /** @returns the name of the text @throws {ChatError} `no-conversation`, `too-large`, `too-many` */
  say(text: string): string
  /** Waits until the peer acknowledged everything, no receipt came for long, or it is over. */
  settled(): Promise<void>
  /** Says goodbye where there is a connection, and settles when it is over. */
  leave(): Promise<void>
  /** The same, and takes nothing more from the peer. */
  hangUp(): Promise<void>
  /** Gives its connection up as broken: the peer connects again. */
  lose(): Promise<void>
  /** Its connection broke. It is over where that happens too often: `too-many`. */
  interrupt(error: ChatError): void
  /** Makes the next attempt to get another connection at once. */
  hurry(): void
  /** Goes on over another connection. @returns false where it has one, or is over, in the meantime */
  carryOn(session: Session): boolean
  /** Its last connection is closed. */
  end(error: ChatError | null): void
}

/** What a talk begins with: all that stays the same, and the session in which it was opened. */
export interface TalkOptions extends Pick<Talk, 'conversation' | 'learnt' | 'files' | 'placed'> {
  readonly first: Session
}

export function talk({ conversation, learnt, files, placed, first }: TalkOptions, events: TalkEvents): Talk {
  let session = first
  /** Set while there is no connection. */
  let interrupted: Interruption | null = null
  let over = false
  const breaks = allowances(BREAKS)

  function end(error: ChatError | null): void {
    if (over) return
    over = true
    interrupted?.end()
    interrupted = null
    events.ended(error)
    conversation.texts.end()
  }

  files.connect(message => first.pass(message))

  return {
    conversation,
    learnt,
    files,
    placed,
    get open() {
      return !over && (interrupted !== null || session.state === 'open')
    },
    get interrupted() {
      return interrupted !== null
    },
    isCarriedBy: other => !over && session === other,

    say(text) {
      return interrupted === null ? session.send(text) : keepText(conversation, text)
    },

    async settled() {
      const { texts } = conversation
      let { acknowledged } = texts
      let since = performance.now()
      while (!over) {
        if (interrupted !== null) {
          await interrupted.over
          continue
        }
        const carrier = session
        await carrier.settled()
        // A connection that still stands has delivered everything, or has brought no receipt for long.
        if (carrier === session && interrupted === null) return
        const now = performance.now()
        if (texts.acknowledged > acknowledged) [acknowledged, since] = [texts.acknowledged, now]
        else if (now - since >= RETURN_PATIENCE) return
      }
    },

    async leave() {
      const stopped = files.leave()
      if (interrupted !== null) end(interrupted.lost)
      else await session.leave()
      await stopped
    },

    async hangUp() {
      if (interrupted !== null) end(interrupted.lost)
      else await session.hangUp()
    },

    async lose() {
      if (interrupted === null) await session.lose()
    },

    interrupt(error) {
      if (!breaks.take('')) return end(new ChatError('too-many', 'the connection breaks again and again'))
      files.disconnect()
      interrupted = interruption(error, {
        headStart: placed ? 0 : CALLER_HEAD_START,
        attempt: () => events.resume(),
        onGivenUp: end,
      })
      // Only now: whoever hears of it may ask whether it is so.
      events.interrupted(error)
    },

    hurry: () => interrupted?.hurry(),

    carryOn(another) {
      if (interrupted === null) return false
      interrupted.end()
      interrupted = null
      session = another
      events.resumed()
      files.connect(message => another.pass(message))
      return true
    },

    end,
  }
}
