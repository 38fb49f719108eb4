import { ERRORS, type ErrorCode } from '@p2p-secure-chat/core/errors'
import type { ChatEvent } from '../chat/chat-event.ts'

/** How many names are kept for completion: strangers can keep calling under new ones. */
export const MOST_NAMES = 1_000

/** What the command line says about when to exit. */
export interface ExitPolicyOptions {
  /** The name to call at once: only the outcome of that conversation, and of texts, decides the exit code. */
  readonly to: string | null
  /** Whether the first conversation is the last one. */
  readonly once: boolean
  /** Whether a person stays when the conversation with `to` is over. */
  readonly interactive: boolean
  /** Whether a person is typing a line: its recipient must not change under their fingers. */
  readonly isTyping: () => boolean
}

/** Decides who is selected, when the client exits, and with which code, as conversations come and go. */
export class ExitPolicy {
  /** The recipient of plain lines; null when there is nobody. */
  selected: string | null
  readonly #options: ExitPolicyOptions
  readonly #names = new Set<string>()
  readonly #partners = new Set<string>()
  /** Callers who were accepted without asking: they are selected only if nobody else is. */
  readonly #unasked = new Set<string>()
  /** Those of them who came while nobody was selected, and are not selected yet. */
  readonly #missed = new Set<string>()
  #exitCode = 0

  constructor(options: ExitPolicyOptions) {
    this.#options = options
    this.selected = options.to
  }

  /** The names that came up last, which a person may want to type. */
  get names(): ReadonlySet<string> {
    return this.#names
  }

  /** Follows an event, which may select another peer. The prompt is shown after each of those. */
  follow(event: ChatEvent): void {
    if ('peer' in event) this.#keepName(event.peer)
    switch (event.event) {
      case 'users':
        return event.users.forEach(({ name }) => this.#keepName(name))
      case 'call':
        return this.#call(event)
      case 'open':
        return this.#open(event.peer)
      case 'message':
        return this.catchUp()
      case 'file':
        return this.#moveFile(event)
      case 'closed':
        return this.#close(event.peer, event.code)
    }
  }

  /** Selects a caller who was accepted while somebody typed, unless somebody still does; the prompt must follow. */
  catchUp(): void {
    if (this.#missed.size === 0 || this.#options.isTyping()) return
    const [first = null] = this.#missed
    this.#missed.clear()
    this.selected ??= first
  }

  /** Whether the client has nothing more to do after this event. */
  isLast(event: ChatEvent): boolean {
    if (event.event !== 'closed') return false
    const { to, once, interactive } = this.#options
    return (once && this.#partners.has(event.peer)) || (event.peer === to && !interactive)
  }

  /** Notes a failure that must show in the exit code. */
  fail(code: ErrorCode): void {
    this.#exitCode = Math.max(this.#exitCode, ERRORS[code].exit === 3 ? 3 : 1)
  }

  /**
   * 0 when everything was delivered, 3 when security refused the conversation with `to`, else 1.
   *
   * @param undelivered how many texts were never acknowledged
   */
  exitCode(undelivered: number): number {
    const { to } = this.#options
    if (undelivered > 0 || (to !== null && !this.#partners.has(to))) this.fail('undelivered')
    return this.#exitCode
  }

  #keepName(name: string): void {
    this.#names.delete(name)
    this.#names.add(name)
    const [oldest] = this.#names
    if (this.#names.size > MOST_NAMES && oldest !== undefined) this.#names.delete(oldest)
  }

  #call({ peer, direction, asks }: Extract<ChatEvent, { event: 'call' }>): void {
    if (direction === 'incoming' && !asks) this.#unasked.add(peer)
  }

  #open(peer: string): void {
    this.#partners.add(peer)
    if (this.#unasked.has(peer) && this.selected === null) this.#missed.add(peer)
    this.catchUp()
  }

  #moveFile({ direction, state }: Extract<ChatEvent, { event: 'file' }>): void {
    if (direction === 'out' && state === 'failed') this.fail('undelivered')
  }

  #close(peer: string, code: ErrorCode | null): void {
    this.#unasked.delete(peer)
    this.#missed.delete(peer)
    if (this.selected === peer) this.selected = null
    if (peer === this.#options.to && code !== null) this.fail(code)
  }
}
