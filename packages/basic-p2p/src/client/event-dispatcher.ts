import { contained } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { asChatError, ChatError } from '@p2p-secure-chat/core/errors'
import { isDebugged, reportError, stackOf } from '@p2p-secure-chat/core/terminal/report-error'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { Presenter } from '../commands/chat-command.ts'
import type { InputMode } from '../commands/parse-line.ts'
import { jsonPresenter, pipePresenter } from '../screen/presenter.ts'
import type { Terminal } from '../screen/terminal.ts'
import type { ExitPolicy } from './exit-policy.ts'
import type { Leaving } from './leaving.ts'
import type { EventLog } from './profile.ts'
import type { Arrivals } from './locate.ts'

/** Everything that follows the events of a client, besides its user. */
export interface Followers {
  readonly arrivals: Arrivals
  readonly exitPolicy: ExitPolicy
  /** Null where no log is ever kept. */
  readonly log: EventLog | null
  readonly leaving: Leaving
}

/** Hands every event of a client to its followers, and shows it to the user. */
export class EventDispatcher implements Presenter {
  readonly #followers: Followers
  /** Shows events where there is no terminal, or not yet. */
  readonly #output: Presenter
  #terminal: Terminal | null = null
  /** Remarks for a person whose terminal is not taken over yet; null where there is no person. */
  readonly #remarks: string[] | null

  /** @param quiet whether scripts get no remarks for people */
  constructor(inputMode: InputMode, quiet: boolean, followers: Followers) {
    this.#followers = followers
    this.#output = inputMode === 'json' ? jsonPresenter(quiet) : pipePresenter(quiet)
    this.#remarks = inputMode === 'terminal' ? [] : null
  }

  /** The person's terminal; null where there is none, or not yet. */
  get terminal(): Terminal | null {
    return this.#terminal
  }

  /** Shows everything on a terminal from now on. */
  showOn(terminal: Terminal): void {
    this.#terminal = terminal
    for (const text of this.#remarks?.splice(0) ?? []) this.note(text)
  }

  /** Shows an event, and settles when the output has it. @throws {ChatError} `unwritable`, `internal` */
  readonly show = async (event: ChatEvent): Promise<void> => {
    const { arrivals, exitPolicy, log, leaving } = this.#followers
    if (event.event === 'presence') arrivals.presence(event.name, event.online)
    exitPolicy.follow(event)
    const shown = this.#present(event)
    log?.follow(event)
    // At once: a line that is entered while this is written has no recipient any more.
    if (exitPolicy.isLast(event)) leaving.begin()
    await shown
  }

  /** Shows an event without waiting for it. Where the output is gone, the client is ending already. */
  readonly tell = (event: ChatEvent): void => contained(this.show(event))

  readonly report = (error: ChatError): void => this.tell(errorEvent(error))

  /** Reports an error that may be a defect; someone who debugs also sees its stack. */
  readonly reportDefect = (error: ChatError): void => {
    this.report(error)
    if (error.code === 'internal' && isDebugged()) this.note(stackOf(error))
  }

  /** As note(), but waits until the person's terminal is taken over. */
  readonly remark = (text: string): void => {
    if (this.#remarks === null || this.#terminal !== null) this.note(text)
    else this.#remarks.push(text)
  }

  note(text: string): void {
    this.#presenter.note(text)
  }

  answer(text: string): void {
    this.#presenter.answer(text)
  }

  verbatim(text: string): void {
    this.#presenter.verbatim(text)
  }

  picture(rows: readonly string[]): void {
    this.#presenter.picture(rows)
  }

  get #presenter(): Presenter {
    return this.#terminal?.presenter ?? this.#output
  }

  /** A presenter with a defect cannot show that defect itself. */
  async #present(event: ChatEvent): Promise<void> {
    try {
      const shown = this.#presenter.show(event)
      this.#terminal?.follow(event)
      await shown
    } catch (thrown) {
      if (thrown instanceof ChatError) throw thrown
      reportError(thrown, { debug: isDebugged() })
      throw asChatError(thrown)
    }
  }
}
