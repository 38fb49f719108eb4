import { contain } from '@p2p-secure-chat/core/contain'
import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import { whileFull } from '@p2p-secure-chat/core/net/while-full'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import type { Connection } from './establish.ts'

/** How long the peer's call may still take where both sides called at once, in milliseconds. */
const CROSSED_DEADLINE = 10_000

/** The calls that we place, and what becomes of them where the peer calls us at the same time. */
export interface OutgoingCalls {
  /**
   * Calls somebody, or joins the call that is under way.
   *
   * @param patience how long to try again while the peer has no place for it, in milliseconds; see whileFull()
   * @returns whether a conversation is open now, whoever called
   */
  place(peer: string, patience?: number): Promise<boolean>
  /** Whom we are calling, the latest last. */
  readonly calling: readonly string[]
  /** Ends our call to that peer at once, in whichever stage it is. */
  hangUp(peer: string): void
  /** To be called when a conversation with that peer is open. */
  opened(peer: string): void
  /**
   * The end of our own attempt to reach that peer, while it is under way. Until then nobody knows which key answers
   * there, so a stranger who calls in that name has to wait.
   */
  dialling(peer: string): Promise<void> | null
  /**
   * The peer calls us: whose call goes on? Both sides come to the same answer, for a call counts from the moment in
   * which the other side hears it; where both count, that of the smaller identity goes on.
   *
   * @param learnt who it is; a stranger gets nothing that is meant for somebody whom we have not reached ourselves
   * @returns null when we are not calling them
   */
  meet(peer: string, learnt: Learnt): 'ours' | 'theirs' | null
}

interface Attempt {
  /**
   * `dialling`: the peer has not heard us. `refused`: it has no place for us, or we have failed; perhaps we dial again.
   * `placed`: it has heard us. `yielded`: the peer's own call goes on. `open`: there is a conversation.
   * `hung-up`: our user does not want it any more.
   */
  stage: 'dialling' | 'refused' | 'placed' | 'yielded' | 'open' | 'hung-up'
  /** Of the key that proved itself on the connection that we dialled; null before, and where there are no keys. */
  fingerprint: string | null
  /** The end of the present dial, or of the last one. */
  dialled: Promise<void>
  readonly onOpen: () => void
  /** Aborted when our user hangs up. */
  readonly end: AbortController
  readonly outcome: Promise<boolean>
}

/** How calls are placed, and where their outcome is reported. */
export interface Placing {
  /** Reaches the peer, up to the end of the upgrade. @param again whether it was tried already */
  connect(peer: string, again: boolean, signal: AbortSignal): Promise<Connection>
  /** Places the call on that connection; settles when it is accepted, rejects when it is not. */
  converse(connection: Connection): Promise<void>
  /** Told once that the peer has no place for the call now, which is tried again. */
  onFull(peer: string, error: ChatError): void
  /** Told once why a call led to no conversation; null where our user hung up. */
  onFailure(peer: string, error: ChatError | null): void
}

/** Waits for `work` until the signal comes. @throws its reason */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const ended = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  return Promise.race([work, ended])
}

export function outgoingCalls({ connect, converse, onFull, onFailure }: Placing): OutgoingCalls {
  const attempts = new Map<string, Attempt>()

  function requireOurs({ stage }: Attempt): void {
    if (stage !== 'dialling') throw new ChatError('crossed', 'both called at once')
  }

  /** Reaches the peer, while strangers who call in that name have to wait. */
  async function reach(peer: string, attempt: Attempt, again: boolean): Promise<Connection> {
    let onDialled = () => {}
    attempt.dialled = new Promise(resolve => {
      onDialled = resolve
    })
    try {
      const connection = await connect(peer, again, attempt.end.signal)
      attempt.fingerprint = connection.learnt.fingerprint
      return connection
    } finally {
      onDialled()
    }
  }

  async function dial(peer: string, attempt: Attempt, again: boolean): Promise<void> {
    if (attempt.stage === 'refused') attempt.stage = 'dialling'
    try {
      requireOurs(attempt)
      const connection = await reach(peer, attempt, again)
      try {
        requireOurs(attempt)
      } catch (error) {
        void conclude(connection.channel, null)
        throw error
      }
      attempt.stage = 'placed'
      await converse(connection)
    } catch (error) {
      if (attempt.stage === 'dialling' || attempt.stage === 'placed') attempt.stage = 'refused'
      throw error
    }
  }

  async function follow(
    peer: string,
    attempt: Attempt,
    patience: number | undefined,
    opened: Promise<void>,
  ): Promise<boolean> {
    try {
      const reached = whileFull(again => dial(peer, attempt, again), { patience, onFull: error => onFull(peer, error) })
      await before(attempt.end.signal, Promise.race([reached, opened]))
      return true
    } catch (thrown) {
      if (attempt.stage === 'hung-up') {
        onFailure(peer, null)
        return false
      }
      const error = contain(thrown)
      // The call that goes on in place of ours may still be on its way.
      if (error.code === 'crossed') await withDeadline(opened, CROSSED_DEADLINE, 'it').catch(() => undefined)
      if (attempt.stage === 'open') return true
      attempts.delete(peer)
      onFailure(peer, error)
      return false
    } finally {
      if (attempts.get(peer) === attempt) attempts.delete(peer)
    }
  }

  return {
    place(peer, patience) {
      const present = attempts.get(peer)
      if (present !== undefined) return present.outcome
      let onOpen = () => {}
      const opened = new Promise<void>(resolve => {
        onOpen = resolve
      })
      const outcome = Promise.resolve().then(() => follow(peer, attempt, patience, opened))
      const dialled = Promise.resolve()
      const end = new AbortController()
      const attempt: Attempt = { stage: 'dialling', fingerprint: null, dialled, onOpen, end, outcome }
      attempts.set(peer, attempt)
      return outcome
    },

    get calling() {
      return [...attempts].flatMap(([peer, { stage }]) => (stage === 'open' ? [] : [peer]))
    },

    hangUp(peer) {
      const attempt = attempts.get(peer)
      if (attempt === undefined || attempt.stage === 'open') return
      attempt.stage = 'hung-up'
      attempts.delete(peer)
      attempt.end.abort(new ChatError('closed', 'you hung up'))
    },

    opened(peer) {
      const attempt = attempts.get(peer)
      if (attempt === undefined) return
      attempt.stage = 'open'
      attempt.onOpen()
    },

    dialling(peer) {
      const attempt = attempts.get(peer)
      return attempt?.stage === 'dialling' ? attempt.dialled : null
    },

    meet(peer, { precedes, identity, fingerprint }) {
      const attempt = attempts.get(peer)
      if (attempt === undefined) return null
      const stranger = identity === 'new' && fingerprint !== attempt.fingerprint
      // Nothing of ours is under way that theirs could cross.
      if (stranger && attempt.stage === 'refused') return null
      if (stranger) return 'ours'
      if (attempt.stage === 'placed' && precedes) return 'ours'
      attempt.stage = 'yielded'
      return 'theirs'
    },
  }
}
