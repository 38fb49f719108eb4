import { ChatError } from '@p2p-secure-chat/core/errors'
import { conclude } from '@p2p-secure-chat/core/net/conclude'
import { withDeadline } from '@p2p-secure-chat/core/net/deadline'
import type { Learnt } from '@p2p-secure-chat/core/wire/upgrade'
import type { Connection } from './establish.ts'

/** How long the peer's call may still take where both sides called at once, in milliseconds. */
const CROSSED_DEADLINE = 10_000

/** The calls that we place, and what becomes of them where the peer calls us at the same time. */
export interface OutgoingCalls {
  /**
   * Calls somebody, or joins the call that is under way.
   *
   * @returns whether a conversation is open now, whoever called
   */
  place(peer: string): Promise<boolean>
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
   * `dialling`: the peer has not heard us. `placed`: it has. `yielded`: the peer's own call goes on. `open`: there is a
   * conversation.
   */
  stage: 'dialling' | 'placed' | 'yielded' | 'open'
  /** Of the key that proved itself on the connection that we dialled; null before, and where there are no keys. */
  fingerprint: string | null
  readonly onOpen: () => void
  readonly dialled: Promise<void>
  readonly onDialled: () => void
  readonly outcome: Promise<boolean>
}

/**
 * @param connect reaches the peer, up to the end of the upgrade
 * @param converse places the call on that connection; settles when it is accepted, rejects when it is not
 * @param onFailure told once why a call led to no conversation
 */
export function outgoingCalls(
  connect: (peer: string) => Promise<Connection>,
  converse: (connection: Connection) => Promise<void>,
  onFailure: (peer: string, error: ChatError) => void,
): OutgoingCalls {
  const attempts = new Map<string, Attempt>()

  async function reach(peer: string, attempt: Attempt): Promise<Connection> {
    try {
      const connection = await connect(peer)
      attempt.fingerprint = connection.learnt.fingerprint
      return connection
    } catch (error) {
      // Whoever waits for the end of this attempt must not meet it any more.
      attempts.delete(peer)
      throw error
    } finally {
      attempt.onDialled()
    }
  }

  async function run(peer: string, attempt: Attempt): Promise<void> {
    const connection = await reach(peer, attempt)
    if (attempt.stage !== 'dialling') {
      void conclude(connection.channel, null)
      throw new ChatError('crossed', 'both called at once')
    }
    attempt.stage = 'placed'
    await converse(connection)
  }

  async function follow(peer: string, attempt: Attempt, opened: Promise<void>): Promise<boolean> {
    try {
      await Promise.race([run(peer, attempt), opened])
      return true
    } catch (error) {
      if (!(error instanceof ChatError)) throw error
      // The call that goes on in place of ours may still be on its way.
      if (error.code === 'crossed') await withDeadline(opened, CROSSED_DEADLINE, 'it').catch(() => undefined)
      if (attempt.stage === 'open') return true
      onFailure(peer, error)
      return false
    } finally {
      if (attempts.get(peer) === attempt) attempts.delete(peer)
    }
  }

  return {
    place(peer) {
      const present = attempts.get(peer)
      if (present !== undefined) return present.outcome
      let onOpen = () => {}
      const opened = new Promise<void>(resolve => {
        onOpen = resolve
      })
      let onDialled = () => {}
      const dialled = new Promise<void>(resolve => {
        onDialled = resolve
      })
      const outcome = Promise.resolve().then(() => follow(peer, attempt, opened))
      const attempt: Attempt = { stage: 'dialling', fingerprint: null, onOpen, dialled, onDialled, outcome }
      attempts.set(peer, attempt)
      return outcome
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
      if (identity === 'new' && fingerprint !== attempt.fingerprint) return 'ours'
      if (attempt.stage === 'placed' && precedes) return 'ours'
      attempt.stage = 'yielded'
      return 'theirs'
    },
  }
}
