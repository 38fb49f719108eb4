import { contained } from '@p2p-secure-chat/core/contain'
import { errorEvent } from '@p2p-secure-chat/core/error-event'
import { asChatError, ChatError } from '@p2p-secure-chat/core/errors'
import { isDebugged, reportError, stackOf } from '@p2p-secure-chat/core/terminal/report-error'
import type { ChatEvent } from '../chat/chat-event.ts'
import type { Presenter } from '../commands/chat-command.ts'
import type { Manner } from '../commands/parse-line.ts'
import { jsonPresenter, pipePresenter } from '../screen/presenter.ts'
import type { Terminal } from '../screen/terminal.ts'
import type { Course } from './course.ts'
import type { Leaving } from './leaving.ts'
import type { EventLog } from './persona.ts'
import type { Arrivals } from './reach.ts'

/** Those who follow what happens in a client, besides its user. */
export interface Followers {
  readonly arrivals: Arrivals
  readonly course: Course
  /** Null where nothing is ever kept. */
  readonly log: EventLog | null
  readonly leaving: Leaving
}

/** Hands every event of a client to all who follow it, and shows it to the user. */
export class EventDispatcher implements Presenter {
  readonly #followers: Followers
  /** What shows events: on a terminal the one of a pipe, until it is taken over. */
  #presenter: Presenter
  #terminal: Terminal | null = null
  /** What a person is to read on a terminal that is not taken over yet. */
  readonly #remarks: string[] | null

  constructor(manner: Manner, followers: Followers) {
    this.#followers = followers
    this.#presenter = manner === 'json' ? jsonPresenter() : pipePresenter()
    this.#remarks = manner === 'terminal' ? [] : null
  }

  /** The person's terminal; null where there is none, or not yet. */
  get terminal(): Terminal | null {
    return this.#terminal
  }

  /** From now on a terminal shows what happens. */
  showOn(terminal: Terminal): void {
    this.#terminal = terminal
    this.#presenter = terminal
    for (const text of this.#remarks?.splice(0) ?? []) this.note(text)
  }

  /** Settles when the user was shown it. @throws {ChatError} `unwritable`, `internal` */
  readonly show = async (event: ChatEvent): Promise<void> => {
    const { arrivals, course, log, leaving } = this.#followers
    if (event.event === 'presence') arrivals.presence(event.name, event.online)
    course.follow(event)
    const shown = this.#present(event)
    log?.follow(event)
    // At once: what is entered while this is written has nobody to go to any more.
    if (course.isLast(event)) leaving.begin()
    await shown
  }

  /** Shows an event, which nobody waits for: an output that is gone has begun the end already. */
  readonly tell = (event: ChatEvent): void => contained(this.show(event))

  readonly report = (error: ChatError): void => this.tell(errorEvent(error))

  /** Reports an error that may be a defect, of which a person who debugs wants to see where it is. */
  readonly reportDefect = (error: ChatError): void => {
    this.report(error)
    if (error.code === 'internal' && isDebugged()) this.note(stackOf(error))
  }

  /** As note(); on a terminal that is not taken over yet, once it is. */
  readonly remark = (text: string): void => {
    if (this.#remarks === null || this.#terminal !== null) this.note(text)
    else this.#remarks.push(text)
  }

  note(text: string): void {
    this.#presenter.note(text)
  }

  verbatim(text: string): void {
    this.#presenter.verbatim(text)
  }

  picture(rows: readonly string[]): void {
    this.#presenter.picture(rows)
  }

  /** A presenter with a defect cannot be asked to show it. */
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
