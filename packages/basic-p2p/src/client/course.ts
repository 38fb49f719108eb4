import { ERRORS, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { ChatEvent } from '../chat/chat-event.ts'

/** How many names are kept for a person to complete: strangers can call under ever new ones. */
export const MOST_NAMES = 1_000

/** What is to come of the client, as its conversations come and go. */
export interface Course {
  /** To whom a plain line goes; null when there is nobody. */
  selected: string | null
  /** The names heard of last, which a person may want to type. */
  readonly names: ReadonlySet<string>
  /** Takes note of what happened. It may select another peer with an event after which the prompt is shown. */
  follow(event: ChatEvent): void
  /** Selects the caller who was accepted while somebody typed, if nobody does now; the prompt must show it at once. */
  catchUp(): void
  /** Whether the client has nothing more to do after this event. */
  isLast(event: ChatEvent): boolean
  /** Takes note of something that must show in the exit code. */
  fail(code: ErrorCode): void
  /**
   * 0 when everything was delivered, 3 when security refused the one conversation that was asked for, else 1.
   *
   * @param undelivered how many texts were never acknowledged
   */
  exitCode(undelivered: number): number
}

/** What the command line says about it. */
export interface CourseOptions {
  /** Whom to call at once: only what becomes of that conversation, and of texts, decides the exit code. */
  readonly to: string | null
  /** Whether the first conversation is the last one. */
  readonly once: boolean
  /** Whether a person stays when the conversation with `to` is over. */
  readonly interactive: boolean
  /** Whether a person is typing a line: to whom it goes must not change under their fingers. */
  readonly isTyping: () => boolean
}

export function course({ to, once, interactive, isTyping }: CourseOptions): Course {
  const names = new Set<string>()
  const talkedTo = new Set<string>()
  /** Callers who were accepted without a person's word: they are selected only if nobody is. */
  const unasked = new Set<string>()
  /** Those of them who came while nobody was selected, and are not yet. */
  const missed = new Set<string>()
  let exitCode = 0

  function keep(name: string): void {
    names.delete(name)
    names.add(name)
    const [oldest] = names
    if (names.size > MOST_NAMES && oldest !== undefined) names.delete(oldest)
  }

  const present: Course = {
    selected: to,
    names,

    follow(event) {
      if ('peer' in event) keep(event.peer)
      if (event.event === 'users') for (const { name } of event.users) keep(name)
      if (event.event === 'call' && event.direction === 'incoming' && !event.asks) unasked.add(event.peer)
      if (event.event === 'open') {
        talkedTo.add(event.peer)
        if (unasked.has(event.peer) && present.selected === null) missed.add(event.peer)
      }
      if (event.event === 'open' || event.event === 'message') present.catchUp()
      if (event.event === 'file' && event.direction === 'out' && event.state === 'failed') present.fail('undelivered')
      if (event.event === 'closed') {
        unasked.delete(event.peer)
        missed.delete(event.peer)
        if (present.selected === event.peer) present.selected = null
        if (event.peer === to && event.code !== null) present.fail(event.code)
      }
    },

    catchUp() {
      if (isTyping()) return
      const [first = null] = missed
      missed.clear()
      present.selected ??= first
    },

    isLast: event =>
      event.event === 'closed' && ((once && talkedTo.has(event.peer)) || (event.peer === to && !interactive)),

    fail(code) {
      exitCode = Math.max(exitCode, ERRORS[code].exit === 3 ? 3 : 1)
    },

    exitCode(undelivered) {
      if (undelivered > 0 || (to !== null && !talkedTo.has(to))) present.fail('undelivered')
      return exitCode
    },
  }
  return present
}
